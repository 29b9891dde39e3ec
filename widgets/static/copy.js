// Helps to copy what stands in a box. Without it, or without a clipboard (no secure context), the text can
// still be selected.

const status = document.querySelector("[data-copy-status]");

function offer(button) {
  const text = document.getElementById(button.dataset.copies);
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = ""; // Said again even when it was the last thing said.
    try {
      await navigator.clipboard.writeText(text.textContent);
      status.textContent = button.dataset.copied;
    } catch {
      getSelection().selectAllChildren(text);
    }
  });
}

if (navigator.clipboard) document.querySelectorAll("[data-copies]").forEach(offer);
