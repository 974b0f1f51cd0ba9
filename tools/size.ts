/**
 * `npm run size [-- --accept]`: the bundle's bytes by package, beside those that were accepted. `npm test` fails where
 * they have grown by more than a twentieth; `--accept` writes down the new ones, to be committed with the reason.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle } from "./build/bundle.ts";
import { repositoryRoot } from "./repository.ts";
import budget from "./size/budget.json" with { type: "json" };
import { bytesByPackage, type PackageBytes } from "./size/bytes-by-package.ts";
import { growth, sum } from "./size/growth.ts";

const isAccepting = process.argv.includes("--accept");
if (process.argv.slice(isAccepting ? 3 : 2).length > 0) {
  console.error(
    "npm run size [-- --accept]: the bundle's bytes by package; --accept writes them down as accepted.",
  );
  process.exit(2);
}
const bytes = bytesByPackage((await bundle()).metafile);

for (const part of ["first", "later"] as const) {
  const accepted: PackageBytes["first"] = budget[part];
  console.log(`Loaded ${part}: ${sum(bytes[part])} bytes, accepted ${sum(accepted)}`);
  for (const [name, now] of Object.entries(bytes[part])) {
    console.log(`  ${String(now).padStart(7)}  ${String(accepted[name] ?? 0).padStart(7)}  ${name}`);
  }
}
if (isAccepting) {
  const file = join(repositoryRoot, "tools", "size", "budget.json");
  await writeFile(file, `${JSON.stringify(bytes, null, 2)}\n`);
  console.log("Written to tools/size/budget.json.");
} else {
  for (const line of growth(bytes, budget)) console.log(`Has grown: ${line}`);
}
