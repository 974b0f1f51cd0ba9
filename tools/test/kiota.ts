import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../repository.ts";

const VERSION = "1.38.0";
const STORE = join(repositoryRoot, ".local", `kiota-${VERSION}`);
const LIMIT_MS = 120_000;
const PROJECT = join(repositoryRoot, "tests", "support", "kiota");
// Errors without the .NET 10 SDK, without a network, and with a package source that lacks Kiota.
const NOT_TO_BE_HAD = /NETSDK1045|\bNU1(101|102|103|301)\b|could not be found|is not found in NuGet feeds/;

/** A project for a client that Kiota, Microsoft's generator, generates; or why this machine cannot have Kiota. */
export type FoundKiota = KiotaProject | { readonly missing: string };

/** A C# project in a folder of its own. */
export interface KiotaProject {
  /** Generates the client from an OpenAPI document. Returns the output of Kiota. */
  generate(document: unknown): Promise<string>;
  /** Compiles the client and the program that uses it. @throws on any warning */
  build(): Promise<void>;
  /** Runs the program. Returns its output. */
  run(settings: Readonly<Record<string, string>>): Promise<string>;
  remove(): Promise<void>;
}

/** Installs Kiota and the packages of its clients from NuGet. Needs the `dotnet` command. */
export async function findKiota(): Promise<FoundKiota> {
  const folder = join(repositoryRoot, ".local", `kiota-client-${process.pid}`);
  const remove = () => rm(folder, { recursive: true, force: true });
  const kiota = join(STORE, process.platform === "win32" ? "kiota.exe" : "kiota");
  try {
    if (!existsSync(kiota)) {
      const tool = ["Microsoft.OpenApi.Kiota", "--version", VERSION, "--tool-path", STORE];
      await run("dotnet", ["tool", "install", ...tool]);
    }
    await mkdir(folder, { recursive: true });
    await cp(PROJECT, folder, { recursive: true });
    await run("dotnet", ["restore", folder]);
  } catch (error) {
    await remove();
    return { missing: reasonOf(error) };
  }
  return {
    async generate(document) {
      const file = join(folder, "openapi.json");
      await writeFile(file, JSON.stringify(document));
      const names = ["--namespace-name", "Lkps", "--class-name", "LkpsClient"];
      const output = ["--output", join(folder, "Generated"), "--log-level", "Warning"];
      return await run(kiota, ["generate", "--language", "CSharp", "--openapi", file, ...names, ...output]);
    },
    async build() {
      // Without this a compiler stays in the background.
      const options = ["-p:UseSharedCompilation=false", "--output", join(folder, "built")];
      await run("dotnet", ["build", folder, "--no-restore", ...options]);
    },
    run: (settings) => run("dotnet", [join(folder, "built", "Client.dll")], settings),
    remove,
  };
}

/** @throws with the program's output, if it ends with another code than 0 */
async function run(
  program: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    ...process.env,
    DOTNET_CLI_TELEMETRY_OPTOUT: "1",
    DOTNET_NOLOGO: "1",
    MSBUILDDISABLENODEREUSE: "1",
    KIOTA_CLI_TELEMETRY_OPTOUT: "1",
    KIOTA_TUTORIAL_ENABLED: "false",
    // Without this Kiota looks for updates.
    KIOTA_OFFLINE_ENABLED: "true",
    ...settings,
  };
  try {
    return (await promisify(execFile)(program, args, { env, timeout: LIMIT_MS })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw Object.assign(error as Error, { message: `${program} ${args.join(" ")}\n${stdout}${stderr}` });
  }
}

function reasonOf(error: unknown): string {
  const { killed, stdout = "", stderr = "" } = error as Record<string, string | undefined>;
  if (killed) return `not installed within ${LIMIT_MS / 1_000} s`;
  const reason = `${stdout}\n${stderr}`.split("\n").find((line) => NOT_TO_BE_HAD.test(line));
  if (reason === undefined) throw error;
  return reason
    .replace(/^.*?error /, "")
    .replace(/ \[.*/, "")
    .trim();
}
