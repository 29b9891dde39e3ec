// Shows the author key that this browser made (form.js) and forgets it: like one made by the server,
// it is shown once. Then it helps to copy the key, and puts it into the receipt file that is saved,
// here, so that the key stays where it was made.

const box = document.querySelector("[data-key-box]");
const shown = box?.querySelector("[data-key]");

function takeKey(invitation) {
  const name = `insurance-reviews/author/${invitation}`;
  try {
    const key = sessionStorage.getItem(name);
    sessionStorage.removeItem(name);
    return key;
  } catch {
    return null; // Storage is switched off; then no key was made here either.
  }
}

function offerToCopy() {
  const button = box.querySelector("[data-copy]");
  const status = box.querySelector("[data-copy-status]");
  if (!navigator.clipboard) return; // not a secure context: the key can still be selected
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(shown.textContent);
      status.textContent = button.dataset.copied;
    } catch {
      getSelection().selectAllChildren(shown);
    }
  });
}

function saveWithKey(key) {
  const link = document.querySelector("a[data-file]");
  if (!link) return;
  const file = { ...JSON.parse(link.dataset.file), author_key: key };
  const text = `${JSON.stringify(file, null, 1)}\n`;
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  document.querySelector("[data-file-without-key]")?.remove();
  document.querySelector("[data-file-with-key]").hidden = false;
}

if (box) {
  const key = takeKey(box.dataset.invitation);
  if (key && !shown.textContent) {
    // In eights, to be read and copied by hand; there is no blank in between.
    for (const eight of key.match(/.{8}/g)) {
      shown.append(Object.assign(document.createElement("span"), { textContent: eight }));
    }
    box.hidden = false;
    document.querySelector("[data-key-gone]")?.remove();
    saveWithKey(key);
  }
  if (shown.textContent) offerToCopy();
}
