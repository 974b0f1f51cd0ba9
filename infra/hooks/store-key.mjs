// Stores one of the app's function keys in the vault, from where the gateway reads it, to rotate keys:
//
//   node infra/hooks/store-key.mjs NAME
//
// It takes the environment variables that azd sets: see docs/operations.md.
import { storeFunctionKey } from "./function-app.mjs";

const [, , name] = process.argv;
const [vault, secret] = [process.env["LKPS_KEY_VAULT"], process.env["LKPS_KEY_SECRET"]];
if (!name || !vault || !secret) {
  console.error("Usage: node infra/hooks/store-key.mjs NAME, with LKPS_KEY_VAULT and LKPS_KEY_SECRET set");
  process.exit(2);
}
storeFunctionKey(vault, secret, name);
console.log(`The function key ${name} is in the vault: ${secret}`);
