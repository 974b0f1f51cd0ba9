import { execFile } from "node:child_process";

// Errors without the .NET 10 SDK, without a network, and with a package source that lacks a package.
const NOT_AVAILABLE = /NETSDK1045|\bNU1(101|102|103|301)\b|could not be found|is not found in NuGet feeds/;

/** The result of a command. */
export interface DotnetResult {
  /** The exit code; null if the time ran out, `ENOENT` if there is no such program. */
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `dotnet`, or a tool that it installed, without telemetry and without leaving a compiler behind. */
export function dotnet(
  args: readonly string[],
  options: {
    readonly timeoutMs: number;
    readonly program?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly input?: string;
  },
): Promise<DotnetResult> {
  const env = {
    ...process.env,
    DOTNET_CLI_TELEMETRY_OPTOUT: "1",
    DOTNET_NOLOGO: "1",
    MSBUILDDISABLENODEREUSE: "1",
    ...options.env,
  };
  const { program = "dotnet", timeoutMs: timeout } = options;
  return new Promise((resolve) => {
    const child = execFile(program, args, { env, timeout }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
    child.stdin?.on("error", () => {}).end(options.input);
  });
}

/** Why this machine can't run a command that failed, in one line; undefined if the command itself is at fault. */
export function whyNotAvailable(
  { code, stdout, stderr }: DotnetResult,
  timeoutMs: number,
): string | undefined {
  if (code === "ENOENT") return "dotnet is not on the PATH";
  if (code === null) return `not done within ${timeoutMs / 1_000} s`;
  const reason = `${stdout}\n${stderr}`.split("\n").find((line) => NOT_AVAILABLE.test(line));
  return reason
    ?.replace(/^.*?error /, "")
    .replace(/ in source.*| \[.*/, "")
    .trim();
}
