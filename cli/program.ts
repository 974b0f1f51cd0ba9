import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { check, describeCheck } from "./check/check-command.ts";
import { CliError } from "./cli-error.ts";
import { completion, describeCompletion } from "./completion.ts";
import { describeDoctor, doctor } from "./doctor/doctor-command.ts";
import { type ExitCode, exitCodes } from "./exit-code.ts";
import { lkpsCommand } from "./invocation.ts";
import { describeReport, report } from "./report/report-command.ts";
import { authorization, describeAuthorization } from "./service/authorization.ts";
import { describeEnd, end } from "./service/end.ts";
import { describeEvaluate, evaluate } from "./service/evaluate.ts";
import { agent, describeAgent, describeJoin, join } from "./service/play.ts";
import { describeRegister, register } from "./service/register.ts";
import { describeRehearsal, rehearsal } from "./service/rehearsal.ts";
import { describeSessions, sessions } from "./service/sessions.ts";
import { describeStart, start } from "./service/start.ts";
import { describeUnregister, unregister } from "./service/unregister.ts";
import { describeUsage, usage } from "./service/usage.ts";
import { mark, paint, print, printJson } from "./terminal.ts";

const EXAMPLES = `
Examples:
  Before a release, with your own sign-in (az login):
    ${lkpsCommand} check --agent <client id> --client <client id>
    ${lkpsCommand} report --agent <client id> -o report.html
  On the local stack (run npm start in another terminal):
    ${lkpsCommand} register --local --as "everything right"
    ${lkpsCommand} doctor --local --as "everything right"

All commands and their output: docs/cli.md in the repository, README.md in the package`;

/** Runs one command line and prints the result. It never throws, and never prints a stack trace. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  const asJson = args.includes("--json");
  let exitCode: ExitCode = exitCodes.yes;
  const program = createProgram(asJson, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.yes;
    // Commander has already printed its usage error or help text, unless it has to be JSON.
    if (!(error instanceof CommanderError) || asJson) printError(error, asJson);
    return exitCodes.error;
  }
}

function createProgram(asJson: boolean, onExit: (exitCode: ExitCode) => void): Command {
  const program = new Command("lkps")
    .description("The command line of LKPS, for owners of agents and client applications, and for operators.")
    .version(manifest.version)
    .configureHelp({ styleTitle: (title) => paint("bold", title) })
    .addHelpText("after", EXAMPLES)
    .helpCommand(false)
    // Its messages quote the arguments, which may have been copied from anywhere.
    .configureOutput({
      writeOut: (text) => print(text.trimEnd().split("\n")),
      writeErr: (text) => {
        if (!asJson) print(text.trimEnd().split("\n"), process.stderr);
      },
    })
    .exitOverride();
  /** Adds a command. `describe` defines its options; `run` gets their values. */
  const add = <Options>(
    name: string,
    describe: (command: Command) => Command,
    run: (options: Options) => ExitCode | Promise<ExitCode>,
  ) => {
    const command = describe(program.command(name).copyInheritedSettings(program));
    command
      .showHelpAfterError(`For help, run: ${lkpsCommand} ${name} --help`)
      .action(async (options: Options) => onExit(await run(options)));
  };
  program.commandsGroup("May this client start sessions with this agent?");
  add("check", describeCheck, check);
  add("evaluate", describeEvaluate, evaluate);
  add("start", describeStart, start);
  add("join", describeJoin, join);
  add("agent", describeAgent, agent);
  program.commandsGroup("Who may start sessions with this agent?");
  add("report", describeReport, report);
  add("authorization", describeAuthorization, authorization);
  add("rehearsal", describeRehearsal, rehearsal);
  program.commandsGroup("How is this agent registered, and who used it?");
  add("register", describeRegister, register);
  add("unregister", describeUnregister, unregister);
  add("sessions", describeSessions, sessions);
  add("end", describeEnd, end);
  add("usage", describeUsage, usage);
  program.commandsGroup("Is this deployment all right?");
  add("doctor", describeDoctor, doctor);
  program.commandsGroup("Which commands and options are there?");
  add("completion", describeCompletion, (shell: Parameters<typeof completion>[1]) =>
    completion(program, shell),
  );
  const names = program.commands.map((command) => command.name()).join(", ");
  return program.showHelpAfterError(`The commands are ${names}. For help, run: ${lkpsCommand} --help`);
}

function printError(error: unknown, asJson: boolean): void {
  const [code, message] = describeError(error);
  if (asJson) printJson({ error: { code, message } });
  else print([`${mark("bad")} ${message}`], process.stderr);
}

function describeError(error: unknown): [code: string, message: string] {
  if (error instanceof CliError) return [error.code, error.message];
  if (error instanceof CommanderError) {
    const isHelp = error.code === "commander.help";
    const message = isHelp ? "no command" : error.message.replace(/^error: /, "").replaceAll("\n", " ");
    return ["usage_error", `${message.replace(/\.$/, "")}. For help, run: ${lkpsCommand} --help`];
  }
  const reason = error instanceof Error ? error.message : String(error);
  return ["internal_error", `This is a bug in lkps. Please report it: ${reason}`];
}
