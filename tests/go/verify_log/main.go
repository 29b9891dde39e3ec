// Verify_log checks a published log of insurance reviews with the code of Go's checksum database,
// golang.org/x/mod/sumdb, and nothing of the product's.
//
//	verify_log -log URL -key VKEY [-witness VKEY]… [-kept FILE]… [-receipt URL]…
//
// It opens the checkpoint, reads the tiles authenticated by it, hashes every entry of every bundle,
// computes the root from them, proves and checks entries, and checks that each kept checkpoint, an
// earlier one of the same log, is a beginning of this tree. It prints what it did as JSON, and the
// checkpoint itself, to be kept for the next time. Its exit code is 1 when anything is wrong.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	// Inclusion is proven of about so many entries, spread over the log.
	samples = 64
)

// list is a flag that may be given several times.
type list []string

func (l *list) String() string         { return strings.Join(*l, " ") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

// report is what is printed.
type report struct {
	Origin      string `json:"origin"`
	Size        int64  `json:"size"`
	Root        string `json:"root"`
	Tiles       int    `json:"tiles"`
	Bundles     int    `json:"bundles"`
	Inclusions  int    `json:"inclusions"`
	Consistency int    `json:"consistency"`
	Receipts    int    `json:"receipts"`
	Witnesses   int    `json:"witnesses"`
	Checkpoint  string `json:"checkpoint"`
}

func main() {
	var witnesses, kept, receipts list
	log := flag.String("log", "", "the log's address, with its final slash")
	key := flag.String("key", "", "the log's verifier key")
	flag.Var(&witnesses, "witness", "the verifier key of a witness who must have cosigned")
	flag.Var(&kept, "kept", "a file with an earlier checkpoint")
	flag.Var(&receipts, "receipt", "the address of a receipt")
	flag.Parse()
	found, err := verify(*log, *key, witnesses, kept, receipts)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func verify(log, key string, witnesses, kept, receipts []string) (*report, error) {
	keys, err := readKeys(key, witnesses)
	if err != nil {
		return nil, err
	}
	signed, err := fetch(log + "checkpoint")
	if err != nil {
		return nil, err
	}
	tree, cosigned, err := keys.open(signed)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %v", err)
	}
	if cosigned < len(witnesses) {
		return nil, fmt.Errorf("%d of %d witnesses have cosigned", cosigned, len(witnesses))
	}
	tiles := &tileReader{address: log}
	hashes := tlog.TileHashReader(tree, tiles)
	leaves, bundles, err := checkEntries(log, tree, hashes)
	if err != nil {
		return nil, err
	}
	inclusions, err := proveEntries(tree, hashes, leaves)
	if err != nil {
		return nil, err
	}
	for _, file := range kept {
		if err := checkKept(file, keys, tree, hashes); err != nil {
			return nil, fmt.Errorf("%s: %v", file, err)
		}
	}
	for _, address := range receipts {
		if err := checkReceipt(address, keys, leaves); err != nil {
			return nil, fmt.Errorf("%s: %v", address, err)
		}
	}
	return &report{
		Origin: keys.log.Name(), Size: tree.N, Root: tree.Hash.String(),
		Tiles: tiles.read, Bundles: bundles, Inclusions: inclusions,
		Consistency: len(kept), Receipts: len(receipts), Witnesses: cosigned,
		Checkpoint: string(signed),
	}, nil
}

// keys are the log's and those of the witnesses.
type keys struct {
	log       note.Verifier
	witnesses []note.Verifier
}

func readKeys(key string, witnesses []string) (*keys, error) {
	log, err := note.NewVerifier(key)
	if err != nil {
		return nil, fmt.Errorf("key %q: %v", key, err)
	}
	known := &keys{log: log}
	for _, text := range witnesses {
		witness, err := newWitness(text)
		if err != nil {
			return nil, err
		}
		known.witnesses = append(known.witnesses, witness)
	}
	return known, nil
}

// open reads a checkpoint that the log has signed, and counts the witnesses under it.
func (k *keys) open(signed []byte) (tlog.Tree, int, error) {
	all := append([]note.Verifier{k.log}, k.witnesses...)
	opened, err := note.Open(signed, note.VerifierList(all...))
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	byLog := false
	cosigned := 0
	for _, signature := range opened.Sigs {
		if signature.Name == k.log.Name() && signature.Hash == k.log.KeyHash() {
			byLog = true
		} else {
			cosigned++
		}
	}
	if !byLog {
		return tlog.Tree{}, 0, fmt.Errorf("not signed by the log")
	}
	tree, err := parseCheckpoint(opened.Text, k.log.Name())
	return tree, cosigned, err
}

// parseCheckpoint reads the form of c2sp.org/tlog-checkpoint. x/mod's own begins with another line,
// that of Go's checksum database, in the place of the origin.
func parseCheckpoint(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("the size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// tileReader fetches tiles. x/mod puts the tile height in front of every path; C2SP has one height.
type tileReader struct {
	address string
	read    int
}

func (r *tileReader) Height() int { return tileHeight }

func (r *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

func (r *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := fetch(r.address + path)
		if err != nil {
			return nil, err
		}
		r.read++
		all = append(all, data)
	}
	return all, nil
}

// checkEntries reads every entry, holds its hash against the tile's, which the checkpoint has
// authenticated, and computes the root from nothing but the entries.
func checkEntries(log string, tree tlog.Tree, hashes tlog.HashReader) ([][]byte, int, error) {
	var leaves [][]byte
	var stored []tlog.Hash
	fromEntries := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, index := range indexes {
			found = append(found, stored[index])
		}
		return found, nil
	})
	bundles := 0
	for start := int64(0); start < tree.N; start += tileWidth {
		width := int(tree.N - start)
		if width > tileWidth {
			width = tileWidth
		}
		bundle, err := readBundle(log, start/tileWidth, width)
		if err != nil {
			return nil, 0, err
		}
		bundles++
		var indexes []int64
		for i := range bundle {
			indexes = append(indexes, tlog.StoredHashIndex(0, start+int64(i)))
		}
		published, err := hashes.ReadHashes(indexes)
		if err != nil {
			return nil, 0, err
		}
		for i, leaf := range bundle {
			if tlog.RecordHash(leaf) != published[i] {
				return nil, 0, fmt.Errorf("entry %d is not the one in the tile", start+int64(i))
			}
			more, err := tlog.StoredHashes(start+int64(i), leaf, fromEntries)
			if err != nil {
				return nil, 0, err
			}
			stored = append(stored, more...)
			leaves = append(leaves, leaf)
		}
	}
	root, err := tlog.TreeHash(tree.N, fromEntries)
	if err != nil {
		return nil, 0, err
	}
	if root != tree.Hash {
		return nil, 0, fmt.Errorf("the root of %d entries is %v, signed is %v", tree.N, root, tree.Hash)
	}
	return leaves, bundles, nil
}

// readBundle fetches the number-th bundle, of width entries.
func readBundle(log string, number int64, width int) ([][]byte, error) {
	path := tlog.Tile{H: tileHeight, L: -1, N: number, W: width}.Path()
	path = strings.Replace(path, "tile/8/data/", "tile/entries/", 1)
	data, err := fetch(log + path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, fmt.Errorf("%s is cut short", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if len(data) < end {
			return nil, fmt.Errorf("%s is cut short", path)
		}
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if len(entries) != width {
		return nil, fmt.Errorf("%s has %d entries", path, len(entries))
	}
	return entries, nil
}

// proveEntries proves from the tiles that entries are in the tree, and checks the proofs.
func proveEntries(tree tlog.Tree, hashes tlog.HashReader, leaves [][]byte) (int, error) {
	step := tree.N/samples + 1
	proven := 0
	for index := int64(0); index < tree.N; index += step {
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		if err != nil {
			return 0, err
		}
		err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaves[index]))
		if err != nil {
			return 0, fmt.Errorf("entry %d: %v", index, err)
		}
		proven++
	}
	return proven, nil
}

// checkKept checks that an earlier checkpoint is a beginning of this tree.
func checkKept(file string, keys *keys, tree tlog.Tree, hashes tlog.HashReader) error {
	signed, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	old, _, err := keys.open(signed)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash)
}

// checkReceipt checks a receipt of c2sp.org/tlog-proof for the entry that it names.
func checkReceipt(address string, keys *keys, leaves [][]byte) error {
	text, err := fetch(address)
	if err != nil {
		return err
	}
	head, signed, split := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !split || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("not a receipt")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || index < 0 || index >= int64(len(leaves)) {
		return fmt.Errorf("the index %q", lines[1])
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, _, err := keys.open(signed)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaves[index]))
}

func fetch(address string) ([]byte, error) {
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// witness verifies cosignatures of c2sp.org/tlog-cosignature, which x/mod does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

const cosignature = 0x04

// newWitness reads a verifier key "<name>+<hash>+<base64 of 0x04 and the key>".
func newWitness(text string) (*witness, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("the witness key %q", text)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignature {
		return nil, fmt.Errorf("the witness key %q", text)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, fmt.Errorf("the witness key %q has another hash", text)
	}
	return &witness{parts[0], hash, key[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}
