// Runs in the browser, after the viewer's own script.
import { watchNames } from "./names.js";

const { document, matchMedia, SwaggerUIBundle } = /** @type {any} */ (globalThis);

const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();

/**
 * Hides what callers can't use: the key and the header that only the gateway sends, and a list with one
 * server. That is the address that the page was loaded from, the only one that its policy lets it call: through a forwarded
 * port, for example, it is not the document's.
 */
const callerView = () => ({
  components: { ServersContainer: () => null },
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (/** @type {any} */ update) => (/** @type {any} */ contract) => {
          const { clientId, functionKey, ...securitySchemes } = contract.components.securitySchemes;
          const components = { ...contract.components, securitySchemes };
          const servers = [{ url: new URL("../..", import.meta.url).href.replace(/\/$/, "") }];
          return update({ ...contract, servers, security: [{ accessToken: [] }], components });
        },
      },
    },
  },
});

/** Shortens an operation's documented errors to one line each, and links a problem to what it means. */
const responseView = (/** @type {any} */ { React: { createElement, Fragment, useState } }) => ({
  wrapComponents: {
    response: (/** @type {any} */ Original) => (/** @type {any} */ props) => {
      const [isOpen, setOpen] = useState(false);
      if (props.code.startsWith("2")) return createElement(Original, props);
      const toggle = { type: "button", "aria-expanded": isOpen, onClick: () => setOpen(!isOpen) };
      const status = createElement("td", { className: "response-col_status" }, props.code);
      const button = createElement("button", toggle, props.response.get("description").replaceAll("`", ""));
      const line = createElement(
        "tr",
        { className: "response-line" },
        status,
        createElement("td", null, button),
      );
      return createElement(Fragment, null, line, isOpen && createElement(Original, props));
    },
    responseBody: (/** @type {any} */ Original) => (/** @type {any} */ props) => {
      const page = problemPage(props);
      const link =
        page && createElement("a", { className: "link problem-link", href: page.href }, "What this means");
      return createElement(Fragment, null, createElement(Original, props), link);
    },
  },
});

/** The page that a problem's `type` names, which can be relative. @param {any} response */
function problemPage({ contentType, content, url }) {
  if (!contentType?.startsWith("application/problem+json")) return null;
  try {
    const page = new URL(JSON.parse(content).type, url);
    return page.protocol.startsWith("http") ? page : null;
  } catch {
    return null;
  }
}

watchNames(document.getElementById("docs"));
SwaggerUIBundle({
  url: new URL("../openapi.json", import.meta.url).href,
  dom_id: "#docs",
  plugins: [callerView, responseView],
  // Validation would send the document to another host.
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { theme: "tomorrow-night" },
});
