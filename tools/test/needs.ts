import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { inject } from "vitest";
import { bicepVersion, findBicep, oldestBicepVersion } from "../infra/bicep.ts";
import { buildGateway } from "../infra/gateway.ts";
import { repositoryRoot } from "../repository-paths.ts";
import { findKiota } from "./kiota.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Why a suite or test is skipped, in one line. */
    skipped?: string;
  }
  interface ProvidedContext {
    /** What set-up.ts found. */
    missing: Partial<Record<Need, string | null>>;
  }
}

/** Something that a test needs, that npm can't install, and that some machines don't have. */
export type Need = keyof typeof probes;

/** What is missing and how to get it, in one line; null if nothing is missing. */
type Missing = string | null;

/** Checks for each need. */
const probes = {
  browser: () =>
    browserPath() === null ? "no Chromium: apt-get install chromium, or set CHROME_PATH" : null,
  dotnet: dotnetMissing,
  bicep: () => bicepMissing(bicepVersion),
  oldestBicep: () => bicepMissing(oldestBicepVersion),
  ocelot: async () => {
    if (dotnetMissing() !== null) return dotnetMissing();
    const built = await buildGateway();
    if (!("missing" in built)) return null;
    return `no Ocelot: ${oneLine(built.missing)}; set RestoreAdditionalProjectSources=<NuGet feed that has it>`;
  },
  kiota: async () => {
    if (dotnetMissing() !== null) return dotnetMissing();
    const found = await findKiota();
    if ("missing" in found) return `no Kiota: ${oneLine(found.missing)}`;
    await found.remove();
    return null;
  },
  examples: () =>
    existsSync(join(repositoryRoot, "examples", "node_modules", ".package-lock.json"))
      ? null
      : "the examples' packages are not installed (400 MB): npm ci --ignore-scripts --prefix examples",
  livekit: () =>
    commandMissing(
      livekitServer(),
      "no livekit-server: https://github.com/livekit/livekit/releases, or set LIVEKIT_SERVER",
    ),
  go: () => commandMissing("go", "no Go: https://go.dev/dl"),
  python: () => commandMissing("python3", "no Python 3: https://www.python.org/downloads"),
  openssl: () => commandMissing("openssl", "no openssl"),
  posix: () => (process.platform === "win32" ? "Windows has no POSIX shell" : null),
  proc: () => (existsSync("/proc/self/status") ? null : "this system has no /proc"),
} satisfies Record<string, () => Missing | Promise<Missing>>;

/** Checks whether the machine has what a test needs. */
export async function whatIsMissing(need: Need): Promise<Missing> {
  return await probes[need]();
}

/** Options for a suite or test that is skipped if the machine lacks something that it needs. */
export async function needs(...all: Need[]): Promise<{ skip?: true; meta?: { skipped: string } }> {
  for (const need of all) {
    const known = inject("missing")?.[need];
    const skipped = known === undefined ? await whatIsMissing(need) : known;
    if (skipped !== null) return { skip: true, meta: { skipped } };
  }
  return {};
}

/** The path of the browser to test with; null if there is none. */
export function browserPath(): string | null {
  const named = process.env["CHROME_PATH"];
  if (named !== undefined) return existsSync(named) ? named : null;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync) ?? null;
}

/** The LiveKit server to test with: a path, or a command on the PATH. */
export function livekitServer(): string {
  return process.env["LIVEKIT_SERVER"] ?? "livekit-server";
}

async function bicepMissing(version: string): Promise<Missing> {
  const found = await findBicep(version);
  return "missing" in found ? `no Bicep CLI ${version}: ${oneLine(found.missing)}` : null;
}

function dotnetMissing(): Missing {
  return commandMissing("dotnet", "no .NET SDK: https://dotnet.microsoft.com/download");
}

function commandMissing(command: string, missing: string): Missing {
  const option = command === "openssl" || command === "go" ? "version" : "--version";
  return spawnSync(command, [option], { stdio: "ignore" }).status === 0 ? null : missing;
}

function oneLine(text: string): string {
  const lines = text.split("\n");
  const line = lines.find((one) => one.includes("error")) ?? lines[0] ?? "";
  return line.replace(/^.*?error /, "").trim();
}
