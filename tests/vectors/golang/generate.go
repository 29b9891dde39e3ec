// Generate writes tree.json with golang.org/x/mod/sumdb: roots, proofs, tiles and notes that the
// tests hold this project's own against. The leaves of the tree are "leaf 0", "leaf 1" and so on.
//
//	go run generate.go > tree.json
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const signerKey = "PRIVATE+KEY+log.example/测试+6abf5919+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

type root struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
	Note string `json:"note"`
}

type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}

type consistency struct {
	Old   int64    `json:"old"`
	New   int64    `json:"new"`
	Proof []string `json:"proof"`
}

type tile struct {
	Size   int64  `json:"size"`
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

type path struct {
	Level int    `json:"level"`
	Index int64  `json:"index"`
	Width int    `json:"width"`
	Path  string `json:"path"`
}

type vectors struct {
	SignerKey   string        `json:"signer_key"`
	VerifierKey string        `json:"verifier_key"`
	Roots       []root        `json:"roots"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
	Tiles       []tile        `json:"tiles"`
	Paths       []path        `json:"paths"`
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func b64(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

func texts(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, b64(h[:]))
	}
	return out
}

// tilePath is C2SP's path: x/mod writes the tile's height as well, tile/8/L/N for tile/L/N.
func tilePath(t tlog.Tile) string { return "tile/" + t.Path()[len("tile/8/"):] }

func main() {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range indexes {
			out = append(out, stored[i])
		}
		return out, nil
	})
	const most = 70000
	for n := int64(0); n < most; n++ {
		leaf := []byte(fmt.Sprintf("leaf %d", n))
		stored = append(stored, must(tlog.StoredHashes(n, leaf, reader))...)
	}

	var v vectors
	signer := must(note.NewSigner(signerKey))
	seed := must(base64.StdEncoding.DecodeString(signerKey[strings.LastIndex(signerKey, "+")+1:]))[1:]
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	v.SignerKey = signerKey
	v.VerifierKey = must(note.NewEd25519VerifierKey(signer.Name(), public))

	for _, size := range []int64{1, 2, 3, 4, 5, 7, 8, 255, 256, 257, 511, 512, 513, 1000, 31402, 65535, 65536, 65537, most} {
		hash := must(tlog.TreeHash(size, reader))
		text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, b64(hash[:]))
		signed := must(note.Sign(&note.Note{Text: text}, signer))
		v.Roots = append(v.Roots, root{size, b64(hash[:]), string(signed)})

		indexes := map[int64]bool{}
		for _, index := range []int64{0, 1, size / 3, size / 2, size - 2, size - 1} {
			if index < 0 || index >= size || indexes[index] {
				continue
			}
			indexes[index] = true
			proof := must(tlog.ProveRecord(size, index, reader))
			v.Inclusion = append(v.Inclusion, inclusion{index, size, texts(proof)})
		}
		olds := map[int64]bool{}
		for _, old := range []int64{1, 2, size / 3, size / 2, size - 1, size} {
			if old < 1 || old > size || olds[old] {
				continue
			}
			olds[old] = true
			proof := must(tlog.ProveTree(size, old, reader))
			v.Consistency = append(v.Consistency, consistency{old, size, texts(proof)})
		}
		if size <= 1000 || size == most {
			tiles := tlog.NewTiles(8, 0, size)
			for i, t := range tiles {
				// NewTiles lists a partial tile in every width that it ever had: keep the last one.
				if i+1 < len(tiles) && tiles[i+1].L == t.L && tiles[i+1].N == t.N {
					continue
				}
				sum := sha256.Sum256(must(tlog.ReadTileData(t, reader)))
				v.Tiles = append(v.Tiles, tile{size, tilePath(t), b64(sum[:])})
			}
		}
	}

	for _, index := range []int64{0, 1, 999, 1000, 1001, 1234067, 999999, 1000000, 123456789012, 1<<55 - 1} {
		for _, level := range []int{0, 1, 9, 10, 63} {
			for _, width := range []int{1, 10, 255, 256} {
				t := tlog.Tile{H: 8, L: level, N: index, W: width}
				v.Paths = append(v.Paths, path{level, index, width, tilePath(t)})
			}
		}
	}

	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		log.Fatal(err)
	}
}
