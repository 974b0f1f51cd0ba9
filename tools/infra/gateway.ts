import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../repository.ts";

const PROJECT = join(repositoryRoot, "infra", "gateway");
const CACHE = join(repositoryRoot, ".local", "gateway");
const BUILD_MS = 300_000;
/** Otherwise, a compiler keeps running in the background. */
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
  if (code === "ENOENT") return { missing: "dotnet is not on the PATH" };
  if (code === null) return { missing: `not built within ${BUILD_MS / 1_000} s` };
  const reason = output.split("\n").find((line) => line.includes("error") && NOT_TO_BE_HAD.test(line));
  if (reason === undefined) throw new Error(`The gateway does not compile:\n${output}`);
  return { missing: reason.replace(/^.*?error /, "").replace(/ in source.*| \[.*/, "") };
}

function dotnet(args: string[]): Promise<{ code: number | string | null; output: string }> {
  const env = {
    ...process.env,
    DOTNET_CLI_TELEMETRY_OPTOUT: "1",
    DOTNET_NOLOGO: "1",
    MSBUILDDISABLENODEREUSE: "1",
  };
  return new Promise((resolve) => {
    execFile("dotnet", args, { env, timeout: BUILD_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), output: stdout + stderr });
    });
  });
}
