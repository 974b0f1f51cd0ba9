// "Sign in as" on the API reference. Only the local gateway serves this script, and adds it to the page.

const scope = /** @type {any} */ (globalThis);
const { document, fetch } = scope;

/** @type {any} */
let ui;
const createUi = scope.SwaggerUIBundle;
// Runs before the page's own script, which calls it.
scope.SwaggerUIBundle = (/** @type {unknown} */ options) => {
  ui = createUi(options);
  return ui;
};

const select = document.createElement("select");
select.append(optionOf("nobody", ""));
select.addEventListener("change", () => {
  if (select.value === "") ui.authActions.logout(["accessToken"]);
  else ui.preauthorizeApiKey("accessToken", select.value);
});
const label = document.createElement("label");
label.append("Sign in as ", select);
// The viewer's own color for labels is too dark on a dark page.
label.style.color = "inherit";
const line = document.createElement("p");
line.className = "wrapper";
line.append(label);
document.querySelector("header").append(line);

const response = await fetch(new URL("local-callers.json", import.meta.url));
if (response.ok) {
  for (const { name, access_token } of await response.json()) select.append(optionOf(name, access_token));
} else line.append(" (the local Entra ID does not answer)");

/** @param {string} name @param {string} value */
function optionOf(name, value) {
  const option = document.createElement("option");
  option.textContent = name;
  option.value = value;
  return option;
}
