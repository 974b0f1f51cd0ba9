import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { runLkps } from "../support/run-lkps.ts";
import { useFolder, useService } from "../support/use-service.ts";

// Every block of docs/cli.md that begins with a command: the command, and what it prints. Blocks for a tenant are
// marked as such, and another test holds every shell block to be one or the other.
const guide = await readFile(join(repositoryRoot, "docs/cli.md"), "utf8");
const shownRuns = [...guide.matchAll(/^```text\n\$ lkps ([^\n]*)\n([\s\S]*?)^```$/gm)].map(
  ([, command = "", output = ""]) => ({ command, output }),
);

const service = useService();
const folder = useFolder();
let here: Record<string, string>;
const repository = process.cwd();

beforeAll(() => {
  const { entra, gatewayUrl, appUrl } = service.stack;
  // As installed, and in a folder of one's own.
  here = {
    LKPS_URL: gatewayUrl,
    LKPS_APP_URL: appUrl,
    LKPS_ENTRA_URL: entra.url,
    npm_lifecycle_event: "",
  };
  process.chdir(folder);
});
afterAll(() => process.chdir(repository));

/** The text without what changes each time: addresses, times, random ids. */
function settled(text: string): string {
  const { gatewayUrl, entra } = service.stack;
  return text
    .replaceAll(gatewayUrl, "http://127.0.0.1:7070")
    .replaceAll(entra.url, "http://127.0.0.1:7072")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<time>")
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/(?<=lkps-[0-9a-f-]{36}-|Session {2}|decision_id |invocation:)[0-9a-f-]{36}/g, "<id>")
    .replaceAll(/(?<=(?:as|Participant) [0-9a-f-]{36}-)[0-9a-f]{16}/g, "<random>")
    .replaceAll(/\d+(?= characters| ms)/g, "<n>");
}

test.each(shownRuns.filter(({ output }) => output !== ""))(
  "docs/cli.md shows what is printed by: $command",
  async ({ command, output }) => {
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? "");
    const ran = await runLkps(args, here);
    expect(ran.stderr).toBe("");
    expect(settled(ran.stdout)).toBe(settled(output));
  },
);

test("docs/cli.md shows every command, and every variable that sets an option; help texts show no token", async () => {
  const help = (await runLkps(["--help"])).stdout;
  expect(help).toContain("docs/cli.md");
  const commands = [...help.matchAll(/^ {2}(\w+) \[options\]/gm)].map(([, name = ""]) => name);
  expect(commands.length).toBeGreaterThan(5);
  for (const name of commands) {
    expect(
      shownRuns.some(({ command }) => command.startsWith(name)),
      name,
    ).toBe(true);
    const { code, stdout: options } = await runLkps([name, "--help"], { LKPS_TOKEN: "do-not-show" });
    expect([code, options]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^Usage: lkps ${name} \\[options\\].*\n\n\\S`)),
    ]);
    expect(options).not.toContain("do-not-show");
    for (const [variable] of options.matchAll(/LKPS_[A-Z_]+/g))
      expect(guide, name).toContain(`\`${variable}\``);
  }
});
