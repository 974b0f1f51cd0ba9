import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { check, describeCheck } from "./check/command.ts";
import { describeDoctor, doctor } from "./doctor/command.ts";
import { CouldNotTell, type ExitCode, exitCodes } from "./outcome.ts";
import { describeReport, report } from "./report/command.ts";
import { authorization, describeAuthorization } from "./service/authorization.ts";
import { describeRegister, register } from "./service/register.ts";
import { describeSessions, sessions } from "./service/sessions.ts";
import { describeStart, start } from "./service/start.ts";
import { mark, paint, print, printJson } from "./terminal.ts";

const EXAMPLES = `
Examples:
  Before a release, by your own sign-in (az login):
    npm run lkps -- check --agent <client id> --client <client id>
    npm run lkps -- report --agent <client id> -o report.html
  On the local stack (npm start, in another terminal):
    npm run lkps -- register --local --as "everything right"
    npm run lkps -- doctor --local --as "everything right"

All commands, with what they print: docs/cli.md`;

/** Runs one command line and prints what comes of it; never throws, and never shows where in the code it failed. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.yes;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has printed its own: a usage error, or a help text that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.yes : exitCodes.couldNotTell;
    tell(error, args.includes("--json"));
    return exitCodes.couldNotTell;
  }
}

function createProgram(end: (exitCode: ExitCode) => void): Command {
  const program = new Command("lkps")
    .description("LKPS for those who own agents and client applications, and for those who run it.")
    .version(manifest.version)
    .configureHelp({ styleTitle: (title) => paint("bold", title) })
    .addHelpText("after", EXAMPLES)
    .helpCommand(false)
    // Its messages quote what was typed, and what was typed may be copied from anywhere.
    .configureOutput({
      writeOut: (text) => print(text.trimEnd().split("\n")),
      writeErr: (text) => print(text.trimEnd().split("\n"), process.stderr),
    })
    .exitOverride();
  /** Adds a command; `describe` gives it its options, which its action is handed. */
  const add = <Options>(
    name: string,
    describe: (command: Command) => Command,
    act: (options: Options) => Promise<ExitCode>,
  ) => {
    const command = describe(program.command(name).copyInheritedSettings(program));
    command
      .showHelpAfterError(`What it takes: npm run lkps -- ${name} --help`)
      .action(async (options: Options) => end(await act(options)));
  };
  add("check", describeCheck, check);
  add("report", describeReport, report);
  add("register", describeRegister, register);
  add("start", describeStart, start);
  add("authorization", describeAuthorization, authorization);
  add("sessions", describeSessions, sessions);
  add("doctor", describeDoctor, doctor);
  return program;
}

function tell(error: unknown, asJson: boolean): void {
  const [code, message] =
    error instanceof CouldNotTell
      ? [error.code, error.message]
      : [
          "internal_error",
          `This is a defect of lkps: ${error instanceof Error ? error.message : String(error)}`,
        ];
  if (asJson) printJson({ error: { code, message } });
  else print([`${mark("bad")} ${message}`], process.stderr);
}
