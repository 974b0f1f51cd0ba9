import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { baseEnvironment } from "../../dev/stack/base-environment.ts";
import { repositoryRoot } from "../../tools/repository.ts";

const PROJECT = join(repositoryRoot, "infra", "gateway");
const CACHE = join(repositoryRoot, ".local", "gateway");
const RESTORE_MS = 60_000;
/** Or a compiler would stay and wait for more. */
const NO_SERVER = "-p:UseSharedCompilation=false";
// What a machine without the SDK of .NET 10, without a network, or with a package source that lacks Ocelot says.
const NOT_TO_BE_HAD = /NETSDK1045|\bNU1(101|102|103|301)\b/;

/** The compiled gateway, or why it cannot be compiled on this machine. */
export type BuiltGateway = { readonly dll: string } | { readonly missing: string };

/** The sample gateway, compiled; what it is compiled to is kept, and used as long as its sources stay as they are. */
export async function buildGateway(): Promise<BuiltGateway> {
  const sources = (await readdir(PROJECT, { withFileTypes: true })).filter((entry) => entry.isFile());
  const hash = createHash("sha256");
  for (const { name } of sources.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    hash.update(`${name}\n`).update(await readFile(join(PROJECT, name)));
  }
  const folder = join(CACHE, hash.digest("hex").slice(0, 12));
  const dll = join(folder, "bin", "Lkps.Gateway", "release", "Lkps.Gateway.dll");
  if (existsSync(dll)) return { dll };

  await rm(CACHE, { recursive: true, force: true });
  const project = join(PROJECT, "Lkps.Gateway.csproj");
  const { code, output } = await dotnet([
    "build",
    project,
    "-c",
    "Release",
    "--artifacts-path",
    folder,
    NO_SERVER,
  ]);
  if (code === 0) return { dll };
  await rm(folder, { recursive: true, force: true });
  if (code === "ENOENT") return { missing: "no dotnet on the PATH" };
  if (code === null) return { missing: `no restore within ${RESTORE_MS / 1_000} s` };
  const reason = output.split("\n").find((line) => line.includes("error") && NOT_TO_BE_HAD.test(line));
  if (reason === undefined) throw new Error(`The gateway does not compile:\n${output}`);
  return { missing: reason.replace(/^.*?error /, "").replace(/ in source.*| \[.*/, "") };
}

/** Where it is; throws where it could not be compiled. */
export function dllOf(gateway: BuiltGateway): string {
  if ("missing" in gateway) throw new Error(gateway.missing);
  return gateway.dll;
}

function dotnet(args: string[]): Promise<{ code: number | string | null; output: string }> {
  const env = {
    ...process.env,
    DOTNET_CLI_TELEMETRY_OPTOUT: "1",
    DOTNET_NOLOGO: "1",
    MSBUILDDISABLENODEREUSE: "1",
  };
  return new Promise((resolve) => {
    execFile("dotnet", args, { env, timeout: RESTORE_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), output: stdout + stderr });
    });
  });
}

/** A gateway that runs. */
export interface RunningGateway {
  readonly url: string;
  /** Every line that it logged so far. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

/**
 * Starts the gateway on 127.0.0.1 and waits until it listens.
 * @param settings as environment variables, over those of its files
 * @param folder where it finds these files
 */
export async function startGateway(
  dll: string,
  settings: Record<string, string>,
  folder = dirname(dll),
): Promise<RunningGateway> {
  const child = spawn("dotnet", [dll, "--urls", "http://127.0.0.1:0"], {
    cwd: folder,
    env: { ...baseEnvironment(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise<null>((resolve) => child.once("close", () => resolve(null)));
  const said: string[] = [];
  const url = await Promise.race([exited, listening(child, said)]);
  if (url === null) throw new Error(["The gateway ended while it started.", ...said].join("\n"));
  return {
    url,
    lines: said,
    async close() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function listening({ stdout, stderr }: ChildProcess, said: string[]): Promise<string> {
  return new Promise((resolve) => {
    for (const input of [stdout, stderr]) {
      if (input === null) continue;
      createInterface({ input }).on("line", (line) => {
        said.push(line);
        const url = /Now listening on: (http:\S+)/.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
}
