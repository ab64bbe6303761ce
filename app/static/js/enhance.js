/* Small conveniences over pages that work without script. No inline handlers; everything hangs on data attributes. */

const root = document.documentElement;

/* The error summary takes the focus, so that it is read first. */
document.querySelector("[data-error-summary]")?.focus();

/* A link in the summary moves to the control itself, also when it is a box in a fold. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-error-summary] a[href^='#']");
  const target = link && document.getElementById(link.hash.slice(1));
  if (!target) return;
  event.preventDefault();
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  target.scrollIntoView({ block: "center" });
  target.focus({ preventScroll: true });
});

/* Menus close on Escape, on a press elsewhere, and when another opens. */
const openMenus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

const typing = (element) => element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of openMenus()) {
      const inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    }
  }
  /* "/" goes to the search, unless a person is typing. */
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  }
});

/* A select that sorts sends itself; its button is hidden by .as-no-js. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

/* Bulk tables: one box for all rows, and a true count. */
const countRows = (form) => {
  const rows = [...form.querySelectorAll("[data-select-row]")];
  const ticked = rows.filter((row) => row.checked).length;
  const all = form.querySelector("[data-select-all]");
  const count = form.querySelector("[data-selected-count]");
  if (all) {
    all.checked = rows.length > 0 && ticked === rows.length;
    all.indeterminate = ticked > 0 && ticked < rows.length;
  }
  if (count) count.textContent = ticked.toLocaleString(root.lang);
};
document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (!form) return;
  if (event.target.matches("[data-select-all]")) {
    for (const row of form.querySelectorAll("[data-select-row]")) row.checked = event.target.checked;
  }
  if (event.target.matches("[data-select-all], [data-select-row]")) countRows(form);
});
for (const all of document.querySelectorAll("[data-select-all]")) if (all.form) countRows(all.form);

/* Words that were typed but not sent: the browser asks before the page is left. */
const unsaved = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-confirm-leave]");
  if (form) unsaved.add(form);
});
document.addEventListener("submit", (event) => unsaved.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if ([...unsaved].some((form) => form.isConnected)) event.preventDefault();
});
