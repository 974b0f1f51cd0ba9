/** `npm run scale -- …`: what a load takes of each limit, and what it costs a month. docs/SCALE.md has the model. */
import { parseLoad, usage } from "./scale/options.ts";
import { scaleTables } from "./scale/scale-tables.ts";

try {
  const load = parseLoad(process.argv.slice(2));
  console.log(load === null ? usage : scaleTables(load));
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
  process.exitCode = 2;
}
