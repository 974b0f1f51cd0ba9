// Runs in the browser, after the viewer's own script.
import { watchNames } from "./names.js";

const { document, matchMedia, SwaggerUIBundle } = /** @type {any} */ (globalThis);

const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();

/**
 * Hides what callers can't use: the key and the header that only the gateway sends, and a list with one
 * server.
 */
const callerView = () => ({
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
  plugins: [callerView],
  // Validation would send the document to another host.
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  syntaxHighlight: { theme: "tomorrow-night" },
});
