import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { bicepVersion, findBicep, oldestBicepVersion } from "../infra/bicep.ts";
import { buildGateway } from "../infra/gateway.ts";
import { findKiota } from "./kiota.ts";

declare module "vitest" {
  interface TaskMeta {
    /** What a suite or a test needs of the machine. */
    need?: Need;
  }
}

/** Something that not every machine has, and that a test cannot bring along. */
export type Need = keyof typeof probes;

/** Why the machine does not have it and how to get it, in one line; null if the machine has it. */
export type Missing = string | null;

/** Each program runs once at most, and only if a test needs it. */
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
  livekit: () =>
    commandMissing(
      livekitServer(),
      "no livekit-server: https://github.com/livekit/livekit/releases, or set LIVEKIT_SERVER",
    ),
  openssl: () => commandMissing("openssl", "no openssl"),
  posix: () => (process.platform === "win32" ? "Windows has no POSIX shell" : null),
  proc: () => (existsSync("/proc/self/status") ? null : "this system has no /proc"),
} satisfies Record<string, () => Missing | Promise<Missing>>;

/** The name by which `npm test` tells its tests what is missing, so that the machine is examined once. */
const VARIABLE = "LKPS_TEST_NEEDS";

const answers = new Map<Need, Missing>(
  Object.entries(JSON.parse(process.env[VARIABLE] ?? "{}")) as [Need, Missing][],
);

/** Looks for it, once; test files that start later take over the answer. */
export async function findNeed(need: Need): Promise<Missing> {
  const known = answers.get(need);
  if (known !== undefined) return known;
  const missing = await probes[need]();
  answers.set(need, missing);
  process.env[VARIABLE] = JSON.stringify(Object.fromEntries(answers));
  return missing;
}

/** Options of a suite or a test that runs only where the machine has all that it needs. */
export async function needs(...all: [Need, ...Need[]]): Promise<{ skip: boolean; meta: { need: Need } }> {
  for (const need of all) if ((await findNeed(need)) !== null) return { skip: true, meta: { need } };
  return { skip: false, meta: { need: all[0] } };
}

/** The browser to test with. */
export function browserPath(): string | null {
  const named = process.env["CHROME_PATH"];
  if (named !== undefined) return existsSync(named) ? named : null;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync) ?? null;
}

/** The LiveKit server to test with: a path, or a name on the PATH. */
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
  const option = command === "openssl" ? "version" : "--version";
  return spawnSync(command, [option], { stdio: "ignore" }).status === 0 ? null : missing;
}

function oneLine(text: string): string {
  const lines = text.split("\n");
  const line = lines.find((one) => one.includes("error")) ?? lines[0] ?? "";
  return line.replace(/^.*?error /, "").trim();
}
