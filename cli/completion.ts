import { Argument, type Command } from "commander";
import { type ExitCode, exitCodes } from "./exit-code.ts";
import { print } from "./terminal.ts";

const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/** Defines `lkps completion`. */
export function describeCompletion(command: Command): Command {
  return command
    .addArgument(new Argument("<shell>").choices(shells))
    .summary("print a script with which your shell completes them")
    .description(
      "Prints a completion script. Load it when your shell starts:\n\n" +
        '  bash  eval "$(lkps completion bash)"      in ~/.bashrc\n' +
        '  zsh   eval "$(lkps completion zsh)"       in ~/.zshrc, after compinit\n' +
        "  fish  lkps completion fish | source       in ~/.config/fish/config.fish",
    );
}

/** Runs `lkps completion`. The script is made from the commands as they are defined, so it is never out of date. */
export function completion(program: Command, shell: Shell): ExitCode {
  print(shell === "fish" ? fishScript(program) : bashScript(program, shell));
  return exitCodes.yes;
}

function bashScript({ commands }: Command, shell: "bash" | "zsh"): string[] {
  const names = commands.map((command) => command.name()).join(" ");
  return [
    // zsh has an emulation of bash's completion.
    ...(shell === "zsh" ? ["autoload -U +X bashcompinit && bashcompinit"] : []),
    "_lkps() {",
    '  local candidates=""',
    "  COMPREPLY=()",
    `  if [ "$COMP_CWORD" -eq 1 ]; then candidates="${names} --help --version"`,
    `  else case "\${COMP_WORDS[1]}" in`,
    ...commands.map((command) => `    ${command.name()}) candidates="${wordsOf(command)}" ;;`),
    "  esac; fi",
    `  COMPREPLY=($(compgen -W "$candidates" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    "}",
    // Otherwise, complete file names.
    "complete -o default -F _lkps lkps",
  ];
}

function wordsOf(command: Command): string {
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return [...choices, ...command.options.map(({ long }) => long), "--help"].join(" ");
}

function fishScript({ commands }: Command): string[] {
  const quote = (text: string) => `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
  return commands.flatMap((command) => {
    const name = command.name();
    const inCommand = quote(`__fish_seen_subcommand_from ${name}`);
    const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
    return [
      `complete -c lkps -n __fish_use_subcommand -f -a ${name} -d ${quote(command.summary())}`,
      ...choices.map((choice) => `complete -c lkps -n ${inCommand} -f -a ${choice}`),
      ...command.options.map(
        ({ long, required, description }) =>
          `complete -c lkps -n ${inCommand} -l ${long?.slice(2)} ${required ? "-r " : ""}-d ${quote(description)}`,
      ),
    ];
  });
}
