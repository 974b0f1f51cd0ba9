// Runs in the reader's browser, after the viewer's own script.
import { watchNames } from "./names.js";

const { document, matchMedia, SwaggerUIBundle } = /** @type {any} */ (globalThis);

const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", dress);
dress();

/**
 * Leaves out what the page is no use for: the key and the header that only the gateway sends, and a choice among one
 * server.
 */
const asCallersSeeIt = () => ({
  components: { ServersContainer: () => null },
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (/** @type {any} */ update) => (/** @type {any} */ contract) => {
          const { clientId, functionKey, ...securitySchemes } = contract.components.securitySchemes;
          const components = { ...contract.components, securitySchemes };
          return update({ ...contract, security: [{ accessToken: [] }], components });
        },
      },
    },
  },
});

watchNames(document.getElementById("docs"));
SwaggerUIBundle({
  url: new URL("../openapi.json", import.meta.url).href,
  dom_id: "#docs",
  plugins: [asCallersSeeIt],
  // It would ask another host about the document.
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { theme: "tomorrow-night" },
});
