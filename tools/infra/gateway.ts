import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { dotnet, whyNotAvailable } from "../dotnet.ts";
import { repositoryRoot } from "../repository-paths.ts";

const PROJECT = join(repositoryRoot, "infra", "gateway");
const CACHE = join(repositoryRoot, ".local", "gateway");
const BUILD_MS = 300_000;
/** Otherwise a compiler stays in the background. */
const NO_SERVER = "-p:UseSharedCompilation=false";

/** The compiled gateway, or why this machine can't compile it. */
export type BuiltGateway = { readonly dll: string } | { readonly missing: string };

/** Compiles the sample gateway. Keeps the result until the sources change. */
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
  const options = ["-c", "Release", "--artifacts-path", folder, NO_SERVER];
  const result = await dotnet(["build", project, ...options], { timeoutMs: BUILD_MS });
  if (result.code === 0) return { dll };
  await rm(folder, { recursive: true, force: true });
  const missing = whyNotAvailable(result, BUILD_MS);
  if (missing === undefined)
    throw new Error(`The gateway does not compile:\n${result.stdout}${result.stderr}`);
  return { missing };
}
