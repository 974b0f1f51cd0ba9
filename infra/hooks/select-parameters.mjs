// azd's preprovision hook: azd reads infra/main.bicepparam, so that file is made from the environment's own, which is
// chosen by azd's environment name (`azd env new np` → infra/np.bicepparam). It is git-ignored.
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const infra = join(import.meta.dirname, "..");
const name = process.env["AZURE_ENV_NAME"] ?? "";
const source = join(infra, `${name}.bicepparam`);

if (!/^[a-z0-9]{2,8}$/.test(name) || !existsSync(source)) {
  const known = readdirSync(infra)
    .filter((file) => file.endsWith(".bicepparam") && file !== "main.bicepparam")
    .map((file) => file.replace(".bicepparam", ""));
  console.error(
    `There is no infra/${name}.bicepparam. Environments: ${known.join(", ")}. To use one: azd env new ${known[0]}.`,
  );
  process.exit(1);
}
copyFileSync(source, join(infra, "main.bicepparam"));
console.log(`Parameters: infra/${name}.bicepparam`);
