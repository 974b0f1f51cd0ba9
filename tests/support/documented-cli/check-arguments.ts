import documented from "./commands.json" with { type: "json" };

/** A command as its tool documents it: options with their aliases (`--name|-n`) and values (`--type=a,b`). */
interface Command {
  readonly arguments?: string;
  readonly required?: string;
  readonly options: string;
}

// From https://learn.microsoft.com/cli/azure/reference-index and the usage texts of azd (both of August 2026).
const commands: Readonly<Record<string, Command>> = documented;
const everywhere =
  "--output|-o=json,jsonc,none,table,tsv,yaml,yamlc --query --only-show-errors --subscription";

/** A call that the tool understands. */
export interface Call {
  /** For example, `az group create`. */
  readonly command: string;
  readonly positionals: readonly string[];
  /** Values by the first name of the option, without dashes. */
  readonly options: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads a call of `az` or `azd` as its documentation says.
 *
 * @throws Error for an unknown command, option, or value, for an empty value, and for a missing required option
 */
export function checkArguments(argv: readonly string[]): Call {
  const empty = argv.indexOf("");
  if (empty >= 0) throw new Error(`an empty argument after ${argv[empty - 1]}`);
  const firstOption = argv.findIndex((argument) => argument.startsWith("-"));
  const words = firstOption < 0 ? argv : argv.slice(0, firstOption);
  const length = words.findLastIndex((_, n) => words.slice(0, n + 1).join(" ") in commands) + 1;
  const command = words.slice(0, length).join(" ");
  const known = commands[command];
  if (known === undefined) throw new Error(`unknown command: ${words.join(" ")}`);

  const isAzd = command.startsWith("azd");
  const specifications = `${known.required ?? ""} ${known.options} ${isAzd ? "" : everywhere}`
    .trim()
    .split(/ +/);
  const positionals = words.slice(length);
  const options = new Map<string, string[]>();
  let values: string[] | undefined;
  for (const argument of argv.slice(words.length)) {
    if (!/^--?[a-z]/i.test(argument)) {
      // A flag of azd takes no value, so what follows it is an argument.
      (values ?? positionals).push(argument);
      continue;
    }
    const specification = specifications.find((each) => each.split("=")[0]?.split("|").includes(argument));
    if (specification === undefined) throw new Error(`${command}: unknown option ${argument}`);
    values = [];
    options.set(nameOf(specification), values);
    if (isAzd && !specification.endsWith("=")) values = undefined;
  }
  for (const specification of specifications) {
    const given = options.get(nameOf(specification));
    // az ignores the case of these.
    const allowed = specification.split("=")[1]?.toLowerCase().split(",") ?? [""];
    const wrong =
      allowed[0] === "" ? undefined : given?.find((value) => !allowed.includes(value.toLowerCase()));
    if (wrong !== undefined) throw new Error(`${command}: ${specification} does not take ${wrong}`);
  }
  for (const specification of known.required?.split(" ") ?? []) {
    if (!options.get(nameOf(specification))?.length)
      throw new Error(`${command}: ${specification} is missing`);
  }
  if (positionals.length > 0 && known.arguments === undefined)
    throw new Error(`${command}: unexpected argument ${positionals[0]}`);
  if (known.arguments?.startsWith("<") && !/<service>/.test(known.arguments) && positionals.length === 0)
    throw new Error(`${command}: ${known.arguments} is missing`);
  return { command, positionals, options };
}

function nameOf(specification: string): string {
  return specification.split(/[|=]/)[0]?.replace(/^-+/, "") ?? "";
}
