// Helps to copy what stands in a box. Without it, or without a clipboard (no secure context), the text can
// still be selected.

function offer(button) {
  const text = document.getElementById(button.dataset.copies);
  const status = button.nextElementSibling;
  button.hidden = false;
  button.addEventListener("click", async () => {
    for (const said of document.querySelectorAll("[data-copies] + [role=status]")) said.textContent = "";
    try {
      await navigator.clipboard.writeText(text.textContent);
      status.textContent = button.dataset.copied;
    } catch {
      getSelection().selectAllChildren(text);
    }
  });
}

if (navigator.clipboard) document.querySelectorAll("[data-copies]").forEach(offer);
