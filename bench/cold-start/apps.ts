import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../tools/build/bundle.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";

const EMPTY_APP = `
import { app } from "@azure/functions";
app.http("constant", {
  methods: ["POST"], route: "api/session/start", authLevel: "function", handler: async () => ({ body: "constant" }),
});
`;

/** Creates the smallest possible app, one trigger that returns a constant, ready to deploy. */
export async function makeEmptyApp(folder: string): Promise<string> {
  const directory = join(folder, "empty");
  await mkdir(directory, { recursive: true });
  await build({
    stdin: { contents: EMPTY_APP, resolveDir: repositoryRoot },
    outfile: join(directory, "main.cjs"),
    ...bundleOptions,
    // CommonJS loads faster, and an app this small has nothing to load on demand.
    format: "cjs",
    banner: {},
  });
  await writeFile(join(directory, "package.json"), JSON.stringify({ main: "main.cjs" }));
  await copyFile(join(repositoryRoot, "host.json"), join(directory, "host.json"));
  return directory;
}

/** Bundles the local host into one file. Otherwise its own start would take longer than the apps'. */
export async function makeHost(folder: string): Promise<string> {
  const outfile = join(folder, "host.mjs");
  const entryPoints = [join(repositoryRoot, "dev", "functions-host.ts")];
  await build({ entryPoints, outfile, ...bundleOptions });
  return outfile;
}
