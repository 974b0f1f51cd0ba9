import { fork } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { bundleOptions } from "../../tools/build/bundle.ts";
import { repositoryRoot } from "../../tools/repository.ts";
import { alternately } from "../measure/alternately.ts";
import { median } from "../measure/figures.ts";
import { columns, short } from "../report/table.ts";

/** What LKPS uses of each dependency, when that is loaded, and what the lighter half of one saves. */
const dependencies: Readonly<Record<string, { readonly uses: string; readonly loaded: string }>> = {
  "@azure/functions": { uses: "app", loaded: "first" },
  "zod/mini": { uses: "object, string, optional, refine", loaded: "first" },
  zod: { uses: "object, string, optional", loaded: "never: zod/mini" },
  "@azure/identity": { uses: "ManagedIdentityCredential", loaded: "ahead" },
  "@azure/data-tables": { uses: "TableClient", loaded: "ahead" },
  "@microsoft/microsoft-graph-client": { uses: "Client", loaded: "ahead" },
  "livekit-server-sdk": { uses: "AccessToken, RoomConfiguration, RoomAgentDispatch", loaded: "ahead" },
  jose: { uses: "jwtVerify, createLocalJWKSet, importJWK", loaded: "ahead, with access tokens" },
};

/** A table of bytes and milliseconds: each dependency bundled by itself and loaded in a fresh process. */
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
  const head = ["dependency, by itself", "bytes", "to load", "loaded"];
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
