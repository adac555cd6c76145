// Text on its way out of the panel: to the clipboard, or into a new cell of the notebook.

const FOUND_WITHIN = 3000; // milliseconds for a new cell to be there

/** Put `text` into the clipboard; promises whether it is there. */
export async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page that is not secure, or a frame that may not: the older way still works there.
    return copyAsSelected(text);
  }
}

/**
 * Put `text` into a new cell below the one that `element` is shown in; promises whether that was possible. JupyterLab
 * and Notebook carry out the commands that a clicked element names; elsewhere nobody does.
 */
export async function toNewCell(element, text) {
  const notebook = element.closest(".jp-Notebook");
  const cell = element.closest(".jp-Cell");
  if (!notebook || !cell) return false;
  const before = new Set(notebook.querySelectorAll(".jp-Cell"));
  clickCommand(element, "notebook:insert-cell-below", {});
  const made = await seen(notebook, () =>
    [...notebook.querySelectorAll(".jp-Cell.jp-mod-active .cm-content")].find(
      (one) => !before.has(one.closest(".jp-Cell")),
    ),
  );
  if (!made) return false;
  // A notebook that has just been trusted is drawn anew: `element` may be gone, the new cell is there.
  clickCommand(made.closest(".jp-Cell"), "notebook:replace-selection", { text });
  return Boolean(await seen(notebook, () => made.textContent.length > 0));
}

function clickCommand(element, command, args) {
  const link = document.createElement("span");
  link.hidden = true;
  link.dataset.commandlinkerCommand = command;
  link.dataset.commandlinkerArgs = JSON.stringify(args);
  // Within the notebook, which is what makes it trusted.
  element.append(link);
  link.click();
  link.remove();
}

function seen(root, look) {
  return new Promise((resolve) => {
    const finish = (found) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(found);
    };
    const observer = new MutationObserver(() => {
      const found = look();
      if (found) finish(found);
    });
    const givenUp = () => {
      // In a notebook that is not trusted JupyterLab asks first: the user's answer takes its time.
      if (document.querySelector(".jp-Dialog")) timer = setTimeout(givenUp, FOUND_WITHIN);
      else finish(look());
    };
    let timer = setTimeout(givenUp, FOUND_WITHIN);
    observer.observe(root, {
      childList: true,
      subtree: true,
      characterData: true,
      attributes: true,
      attributeFilter: ["class"],
    });
    const now = look();
    if (now) finish(now);
  });
}

function copyAsSelected(text) {
  const copy = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    event.clipboardData.setData("text/plain", text);
  };
  document.addEventListener("copy", copy, { capture: true, once: true });
  const done = document.execCommand("copy");
  document.removeEventListener("copy", copy, { capture: true });
  return done;
}
