import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { check, describeCheck } from "./check/check-command.ts";
import { CliError } from "./cli-error.ts";
import { describeDoctor, doctor } from "./doctor/doctor-command.ts";
import { type ExitCode, exitCodes } from "./exit-code.ts";
import { describeReport, report } from "./report/report-command.ts";
import { authorization, describeAuthorization } from "./service/authorization.ts";
import { describeRegister, register } from "./service/register.ts";
import { describeSessions, sessions } from "./service/sessions.ts";
import { describeStart, start } from "./service/start.ts";
import { mark, paint, print, printJson } from "./terminal.ts";

const EXAMPLES = `
Examples:
  Before a release, with your own sign-in (az login):
    npm run lkps -- check --agent <client id> --client <client id>
    npm run lkps -- report --agent <client id> -o report.html
  On the local stack (run npm start in another terminal):
    npm run lkps -- register --local --as "everything right"
    npm run lkps -- doctor --local --as "everything right"

All commands and their output: docs/cli.md`;

/** Runs one command line and prints the result. It never throws, and never prints a stack trace. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.yes;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has already printed its usage error or help text.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.yes : exitCodes.error;
    printError(error, args.includes("--json"));
    return exitCodes.error;
  }
}

function createProgram(onExit: (exitCode: ExitCode) => void): Command {
  const program = new Command("lkps")
    .description("The command line of LKPS, for owners of agents and client applications, and for operators.")
    .version(manifest.version)
    .configureHelp({ styleTitle: (title) => paint("bold", title) })
    .addHelpText("after", EXAMPLES)
    .helpCommand(false)
    // Its messages quote the arguments, which may have been copied from anywhere.
    .configureOutput({
      writeOut: (text) => print(text.trimEnd().split("\n")),
      writeErr: (text) => print(text.trimEnd().split("\n"), process.stderr),
    })
    .exitOverride();
  /** Adds a command. `describe` defines its options; `run` gets their values. */
  const add = <Options>(
    name: string,
    describe: (command: Command) => Command,
    run: (options: Options) => Promise<ExitCode>,
  ) => {
    const command = describe(program.command(name).copyInheritedSettings(program));
    command
      .showHelpAfterError(`For help, run: npm run lkps -- ${name} --help`)
      .action(async (options: Options) => onExit(await run(options)));
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

function printError(error: unknown, asJson: boolean): void {
  const [code, message] =
    error instanceof CliError
      ? [error.code, error.message]
      : [
          "internal_error",
          `This is a bug in lkps. Please report it: ${error instanceof Error ? error.message : String(error)}`,
        ];
  if (asJson) printJson({ error: { code, message } });
  else print([`${mark("bad")} ${message}`], process.stderr);
}
