// Adds the names, roles and heading levels that the viewer lacks, for users of screen readers.

const { MutationObserver } = /** @type {any} */ (globalThis);

/** @type {[selector: string, attributes: Record<string, string | null | ((element: any) => string | null)>][]} */
const attributes = [
  [".information-container", { role: "region", "aria-label": "About" }],
  [".schemes-server-container", { role: "region", "aria-label": "Authorization" }],
  [".modal-ux", { role: "dialog", "aria-modal": "true", "aria-label": "Authorization" }],
  [".close-modal", { "aria-label": "Close" }],
  // Its text is its name; the viewer sets a different label.
  [".auth-btn-wrapper .authorize", { "aria-label": null }],
  [".examples-select-element", { "aria-label": "Example" }],
  ["textarea.body-param__text", { "aria-label": "Request body" }],
  [
    ".json-schema-2020-12-accordion",
    { "aria-label": ({ textContent }) => (textContent.trim() ? null : "Show or hide") },
  ],
  [".responses-table", { "aria-label": ({ id }) => (id === "" ? "Answer" : id.replaceAll("_", " ")) }],
  // Wide ones scroll, so they must be reachable by keyboard.
  [".microlight", { tabindex: "0" }],
  ...[3, 4, 5, 6].map(
    (level) => /** @type {[string, any]} */ ([`h${level}`, { "aria-level": `${level - 1}` }]),
  ),
];

/** Applies the attributes now and whenever the viewer draws something new. @param {any} root */
export function watchNames(root) {
  const name = () => {
    for (const [selector, wanted] of attributes)
      for (const element of root.querySelectorAll(selector))
        for (const [attribute, value] of Object.entries(wanted))
          set(element, attribute, typeof value === "function" ? value(element) : value);
  };
  new MutationObserver(name).observe(root, { childList: true, subtree: true });
}

/** @param {any} element @param {string} attribute @param {string | null} value */
function set(element, attribute, value) {
  if (element.getAttribute(attribute) === value) return;
  if (value === null) element.removeAttribute(attribute);
  else element.setAttribute(attribute, value);
}
