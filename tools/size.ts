/**
 * `npm run size [-- --accept]`: compares the bundle's bytes by package with the accepted ones. `npm test`
 * fails if they grow by more than 5%. `--accept` saves the new ones, to be committed with the reason.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "./build/bundle.ts";
import { repositoryRoot } from "./repository-paths.ts";
import budget from "./size/budget.json" with { type: "json" };
import { bytesByPackage, type PackageBytes } from "./size/bytes-by-package.ts";
import { growth, sum } from "./size/growth.ts";

const usage = `Usage: npm run size [-- --accept]

Compares the bundle's bytes by package with the accepted ones.
  --accept   save them as accepted, in tools/size/budget.json
  --help     show this help`;

const { accept } = readOptions();
const bytes = bytesByPackage((await bundle()).metafile);

for (const part of ["initial", "lazy"] as const) {
  const accepted: PackageBytes["initial"] = budget[part];
  console.log(`Loaded ${part}: ${sum(bytes[part])} bytes, accepted ${sum(accepted)}`);
  for (const [name, now] of Object.entries(bytes[part])) {
    console.log(`  ${String(now).padStart(7)}  ${String(accepted[name] ?? 0).padStart(7)}  ${name}`);
  }
}
if (accept) {
  const file = join(repositoryRoot, "tools", "size", "budget.json");
  await writeFile(file, `${JSON.stringify(bytes, null, 2)}\n`);
  console.log("Saved to tools/size/budget.json.");
} else {
  for (const line of growth(bytes, budget)) console.log(`Over budget: ${line}`);
}

function readOptions(): { accept: boolean } {
  const flag = { type: "boolean", default: false } as const;
  try {
    const { values } = parseArgs({ options: { accept: flag, help: flag } });
    if (!values.help) return values;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
