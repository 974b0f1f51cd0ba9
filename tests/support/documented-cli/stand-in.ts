// The stand-in for a program that a guide calls, named by the first argument. It checks its arguments, answers as much as
// the guide's next command needs, and keeps what a real one would keep in the folder WALK.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { type Call, checkArguments } from "./check-arguments.ts";

const { WALK: folder = "", SECRET: secret = "" } = process.env;
const argv = process.argv.slice(2);
const id = "1de47170-0000-4000-8000-000000000001";
/** The azd project: LKPS, or its gateway. */
const isGateway = /gateway$/.test(
  argv.includes("--cwd") ? (argv[argv.indexOf("--cwd") + 1] ?? "") : process.cwd(),
);
const stateFile = join(folder, isGateway ? "azd-gateway.json" : "azd.json");
const grantFile = join(folder, "granted");
const state: { selected: string; environments: Record<string, Record<string, string>> } = existsSync(
  stateFile,
)
  ? JSON.parse(readFileSync(stateFile, "utf8"))
  : { selected: "", environments: {} };

appendFileSync(join(folder, "calls"), `${argv.join(" ")}\n`);
try {
  const leaked = argv.find((argument) => argument.includes(secret));
  if (leaked !== undefined) throw new Error("a secret as an argument, which other users can read");
  const [program] = argv;
  if (program === "az") answer(az(checkArguments(argv)));
  else if (program === "azd") answer(azd(checkArguments(argv)));
  else if (program === "npm") npm(argv.slice(argv[1] === "run" ? 2 : 1));
  // What it clones is the folder that it is in.
  else if (program === "git" && argv[1] === "clone") symlinkSync(process.cwd(), basename(argv[2] ?? ""));
  else if (argv.includes("")) throw new Error(`an empty argument after ${argv[argv.indexOf("") - 1]}`);
} catch (error) {
  process.stderr.write(`${argv.join(" ")}: ${(error as Error).message}\n`);
  process.exitCode = 64;
}
// The others run at the same time as one another, in pipes.
if (argv[0] === "azd") writeFileSync(stateFile, JSON.stringify(state));

function answer(text: string): void {
  if (text !== "") process.stdout.write(`${text}\n`);
}

function az({ command, options }: Call): string {
  const value = (name: string) => options.get(name)?.[0] ?? "";
  if (options.get("output")?.[0] === "none" && command !== "az keyvault secret set" && command !== "az rest")
    return "";
  if (command === "az login") return answerTo("Select a subscription", "1");
  if (command === "az functionapp keys list") return secret;
  if (command === "az cloud show") return "https://graph.microsoft.com/";
  if (
    command === "az monitor log-analytics query" &&
    !value("timespan").match(/^\d{4}-\d\d-\d\dT.*Z\/\d{4}-/)
  )
    throw new Error("the timespan has no beginning and end");
  if (command === "az keyvault secret set") {
    const stored = readFileSync(value("file"), "utf8");
    if (stored !== secret) throw new Error(`${JSON.stringify(stored)} is not the secret alone`);
    return "";
  }
  if (command === "az role definition create" || value("set") === "api=@-") {
    JSON.parse(readFileSync(0, "utf8"));
    return "";
  }
  if (command === "az rest" && value("method") === "POST" && value("uri").includes("appRoleAssignedTo"))
    writeFileSync(grantFile, "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30");
  if (command === "az deployment group create") {
    for (const name of ["name=lkps-", "principalId="]) {
      if (!options.get("parameters")?.some((each) => each.startsWith(name))) throw new Error(`no ${name}`);
    }
    if (!existsSync(value("template-file"))) throw new Error(`no ${value("template-file")}`);
    writeFileSync(grantFile, "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30");
  }
  if (command === "az rest") return existsSync(grantFile) ? readFileSync(grantFile, "utf8") : "";
  return options.has("query") ? id : "";
}

function azd({ command, positionals, options }: Call): string {
  const environment = state.environments[state.selected];
  const [first = ""] = positionals;
  if (command === "azd auth login") return "";
  if (command === "azd env new") {
    state.environments[first] = {
      AZURE_ENV_NAME: first,
      AZURE_SUBSCRIPTION_ID: options.get("subscription")?.[0] ?? fail("no subscription"),
      AZURE_LOCATION: options.get("location")?.[0] ?? fail("no location"),
    };
    state.selected = first;
    return "";
  }
  if (environment === undefined) throw new Error("no environment");
  if (command === "azd env select") state.selected = first;
  if (command === "azd env set") Object.assign(environment, valuesOf(positionals, options.get("file")?.[0]));
  if (command === "azd env get-value") return environment[first] ?? fail(`key '${first}' not found`);
  if (command === "azd env get-values") return entriesOf(environment).join("\n");
  if (command === "azd up" || (command === "azd provision" && !options.has("preview"))) {
    answerTo("conditional role assignment permissions. Continue?", "y");
    if (isGateway) provisionGateway(environment);
    else provision(environment);
  }
  if (command === "azd down") answerTo("are you sure you want to continue?", "y");
  if (["azd deploy", "azd hooks run"].includes(command) && environment["LKPS_URL"] === undefined)
    fail("not provisioned");
  return "";
}

/** What `azd env set` is given: a name and a value, several of NAME=VALUE, or a file of them. */
function valuesOf([first = "", second]: readonly string[], file: string | undefined): Record<string, string> {
  if (second !== undefined && !first.includes("=")) return { [first]: second };
  const lines =
    file === undefined
      ? argv.slice(3).filter((each) => each.includes("="))
      : readFileSync(file, "utf8").trim().split("\n");
  const entries = lines.map((line) => /^(\w+)="?(.*?)"?$/.exec(line) ?? fail(`${line} has no value`));
  return Object.fromEntries(entries.map(([, name = "", value = ""]) => [name, value]));
}

/** What infra/gateway/infra/main.bicepparam needs, and main.bicep returns. */
function provisionGateway(environment: Record<string, string>): void {
  for (const name of [
    "LKPS_LIVE_FUNCTION_APP",
    "LKPS_LIVE_KEY_SECRET",
    "LKPS_KEY_SECRET",
    "LKPS_WORKSPACE",
    "ENTRA_AUDIENCE",
  ]) {
    if (!environment[name]) fail(`failed to compile bicepparam template: ${name}`);
  }
  const name = environment["AZURE_ENV_NAME"];
  Object.assign(environment, {
    GATEWAY_RESOURCE_GROUP: `rg-lkps-${name}`,
    GATEWAY_APP: `app-lkps-${name}`,
    GATEWAY_URL: `https://app-lkps-${name}.azurewebsites.net`,
  });
}

/** What infra/main.bicepparam needs and main.bicep returns, and azd's hook after it. */
function provision(environment: Record<string, string>): void {
  for (const name of ["LIVEKIT_URL", "LIVEKIT_API_KEY"]) {
    if (!environment[name]) fail(`failed to compile bicepparam template: ${name}`);
  }
  const name = environment["AZURE_ENV_NAME"];
  if (environment["LKPS_URL"] === undefined && process.env["LIVEKIT_API_SECRET"] !== secret)
    fail("no LiveKit secret");
  if (name === "prod" && !environment["ALERT_EMAILS"] && !environment["ALERT_WEBHOOK"])
    fail("nobody to notify");
  if (environment["LKPS_COLOR"] && !environment["LKPS_LIVE_COLOR"]) fail("no live color");
  if (environment["API_MANAGEMENT_EMAIL"] && !environment["ENTRA_AUDIENCE"]) fail("no audience");
  const appOf = (color = "blue") => `func-lkps-${name}${color === "green" ? "-green" : ""}`;
  const app = appOf(environment["LKPS_COLOR"]);
  Object.assign(environment, {
    AZURE_TENANT_ID: id,
    AZURE_RESOURCE_GROUP: `rg-lkps-${name}-westeurope`,
    LKPS_RESOURCE_GROUP: `rg-lkps-${name}-westeurope`,
    LKPS_FUNCTION_APP: app,
    LKPS_KEY_SECRET: `lkps-function-key-${environment["LKPS_COLOR"] ?? "blue"}`,
    LKPS_LIVE_FUNCTION_APP: appOf(environment["LKPS_LIVE_COLOR"]),
    LKPS_LIVE_KEY_SECRET: `lkps-function-key-${environment["LKPS_LIVE_COLOR"] ?? "blue"}`,
    LKPS_WORKSPACE: `log-lkps-${name}`,
    LKPS_REGISTRATION_NAME: `lkps-${name}-abc`,
    LKPS_URL: `https://${app}.azurewebsites.net`,
    LKPS_CALLER_IDENTITY: environment["CALLER_IDENTITY"] ?? "gateway-header",
    LKPS_IDENTITY_PRINCIPAL_ID: id,
    LKPS_KEY_VAULT: `kv-lkps-${name}`,
    LKPS_STORAGE_ACCOUNT: `stlkps${name}`,
  });
  const hook = spawnSync("bash", ["infra/hooks/check-grant.sh"], { env: { ...process.env, ...environment } });
  if (hook.status !== 0) fail(`postprovision: ${hook.stdout}${hook.stderr}`);
}

/** Reads one line of what was typed, and no more: what follows is for the next command. */
function answerTo(question: string, expected: string): string {
  const byte = Buffer.alloc(1);
  let line = "";
  while (readSync(0, byte, 0, 1, null) === 1 && byte[0] !== 10) line += byte.toString("latin1");
  if (line !== expected) throw new Error(`asked "${question}" and read ${JSON.stringify(line)}`);
  return line;
}

function npm([script = "", ...rest]: readonly string[]): void {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8"));
  if (!(script in { ...scripts, ci: "", agent: "" })) throw new Error(`there is no script ${script}`);
  const [own, args] = [rest.slice(0, rest.indexOf("--")), rest.slice(rest.indexOf("--") + 1)];
  const stray = (rest.includes("--") ? own : rest).find((argument) => !argument.startsWith("-"));
  if (stray !== undefined) throw new Error(`npm gets ${stray}, and not the script`);
  if (script === "tables" && args[0] === "export") mkdirSync(args[1] ?? "", { recursive: true });
  if (script === "tables" && args[0] === "restore" && !readFileSync(args[3] ?? "", "utf8").startsWith(id))
    throw new Error("no list of the agents that changed");
}

function entriesOf(environment: Record<string, string>): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}="${value}"`);
}

function fail(message: string): never {
  throw new Error(message);
}
