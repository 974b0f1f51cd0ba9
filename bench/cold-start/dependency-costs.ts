import { fork } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../tools/build/bundle.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { alternately } from "../measure/alternately.ts";
import { median } from "../measure/statistics.ts";
import { columns, short } from "../report/table.ts";

/** What LKPS imports from each dependency and when it is loaded; and `zod` beside the smaller `zod/mini`. */
const dependencies: Readonly<Record<string, { readonly uses: string; readonly loaded: string }>> = {
  "@azure/functions": { uses: "app", loaded: "at start" },
  "zod/mini": { uses: "object, string, optional, refine", loaded: "at start" },
  zod: { uses: "object, string, optional", loaded: "never: zod/mini" },
  "@azure/identity": { uses: "ManagedIdentityCredential", loaded: "in the background" },
  "@azure/data-tables": { uses: "TableClient", loaded: "in the background" },
  "@microsoft/microsoft-graph-client": { uses: "Client", loaded: "in the background" },
  "livekit-server-sdk": {
    uses: "AccessToken, RoomConfiguration, RoomAgentDispatch",
    loaded: "in the background",
  },
  jose: { uses: "jwtVerify, createLocalJWKSet, importJWK", loaded: "in the background, with access tokens" },
};

/** Measures each dependency alone: the bytes of its bundle, and the time to load it in a new process. */
export async function dependencyCosts(folder: string, rounds: number): Promise<string> {
  const files = new Map<string, string>();
  for (const [name, { uses }] of Object.entries(dependencies)) {
    const outfile = join(folder, `${name.replace(/\W/g, "-")}.mjs`);
    const contents = `import { ${uses} } from "${name}"; globalThis.used = [${uses}];`;
    await build({ stdin: { contents, resolveDir: repositoryRoot }, outfile, ...bundleOptions });
    files.set(name, outfile);
  }
  const sides = Object.fromEntries([...files].map(([name, file]) => [name, () => loadMs(file)]));
  const times = await alternately(sides, rounds);
  const rows = [...files].map(async ([name, file]) => {
    const { size } = await stat(file);
    return [name, String(size), `${short(median(times[name] ?? []))} ms`, dependencies[name]?.loaded ?? ""];
  });
  const head = ["dependency alone", "bytes", "time to load", "when"];
  return columns([head, ...(await Promise.all(rows))]);
}

async function loadMs(file: string): Promise<number> {
  const probe = join(import.meta.dirname, "load-probe.ts");
  const child = fork(probe, [file], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const failed = exited.then(([code]) => Promise.reject(new Error(`Loading ${file} ended with ${code}`)));
  const [ms] = (await Promise.race([once(child, "message"), failed])) as [number];
  failed.catch(() => {});
  child.kill("SIGKILL");
  await exited;
  return ms;
}
