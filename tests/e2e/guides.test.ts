import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { type FencedBlock, fencedBlocks } from "../support/fenced-blocks.ts";
import { makeClientFolder } from "../support/generated-client.ts";
import { useService } from "../support/use-service.ts";

const root = join(import.meta.dirname, "../..");
const docs = (await readdir(join(root, "docs")))
  .filter((file) => file.endsWith(".md"))
  .map((file) => `docs/${file}`);
const guides = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md", ...docs];
const files = ["CHANGELOG.md", ...guides];
const texts = new Map(
  await Promise.all(files.map(async (file) => [file, await readFile(join(root, file), "utf8")] as const)),
);

const blocksOf = (file: string) => fencedBlocks(texts.get(file) ?? "");

/** The addresses of a file's headings, as GitHub makes them. */
function anchorsOf(file: string): Set<string> {
  const headings = (texts.get(file) ?? "").matchAll(/^#+ (.*)$/gm);
  const slug = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(/\s/g, "-");
  return new Set([...headings].map(([, heading = ""]) => slug(heading)));
}

const scripts = (
  await Promise.all(
    ["package.json", "examples/package.json"].map((file) => readFile(join(root, file), "utf8")),
  )
).flatMap((json) => Object.keys(JSON.parse(json).scripts));

const shells = [
  { shell: "bash", options: ["-s"], need: await needs("posix") },
  // As in a terminal, where it treats comments and `!` in its own way.
  { shell: "zsh", options: ["-f", "-i", "-s", "+Z"], need: await needs("zsh") },
];

// Not covered: commands within a sentence or a table, beyond the scripts that they name, and the READMEs' blocks, which
// run forever or need what only the reader has (livekit-server); other tests run the code behind them.
describe("commands in the guides", () => {
  const isShell = (info: string) => /^(sh|bash|shell|console)\b/.test(info);

  test.each(docs)("in %s are run by this test, or marked as requiring a tenant", (file) => {
    const marks = blocksOf(file)
      .map(({ info }) => info)
      .filter(isShell);
    expect(marks.filter((info) => !["sh local", "sh denied", "sh tenant"].includes(info))).toEqual([]);
  });

  test.each(guides)("in %s name scripts that exist", (file) => {
    const named = (texts.get(file) ?? "").matchAll(/\bnpm (?:run ([\w:-]+)|(start|test)\b)/g);
    expect(
      [...named].map(([, run, own]) => run ?? own ?? "").filter((name) => !scripts.includes(name)),
    ).toEqual([]);
  });

  // Words in angle brackets are for the reader to replace. zsh takes a comment for arguments, and its apostrophe for a quote.
  test.each(guides)("in %s can be pasted into any shell, so they have no comments", (file) => {
    for (const { code } of blocksOf(file).filter(({ info }) => isShell(info))) {
      const typed = code.replaceAll(/<[^<>\n]+>/g, "word");
      expect(typed.split("\n").filter((line) => /(^|\s)#/.test(line))).toEqual([]);
      for (const { shell, need } of shells) {
        if (need.skip) continue;
        const { stderr } = spawnSync(shell, ["-n"], { input: typed, encoding: "utf8" });
        expect(stderr, typed).toBe("");
      }
    }
  });

  const local = guides.filter((file) => blocksOf(file).some(({ info }) => info === "sh local"));

  const service = useService();

  // In order and in one shell, as a reader would; the ports of `npm start` stand for those of this stack.
  describe.each(shells)("pasted into $shell", ({ shell, options, need }) => {
    test.each(local)("in %s work from top to bottom", need, async (file) => {
      const isDenied = ({ info }: FencedBlock) => info === "sh denied";
      const blocks = blocksOf(file).filter((block) => block.info === "sh local" || isDenied(block));
      // A reader wants to see why a request was denied; here, if it is not to be, that ends the script.
      const script = blocks.map((block) =>
        isDenied(block) ? block.code : block.code.replaceAll("curl -sS", "curl -fsS"),
      );
      const here = ["set -euo pipefail", ...script]
        .join("\n")
        .replaceAll("http://127.0.0.1:7070", service.stack.gatewayUrl)
        .replaceAll("http://127.0.0.1:7072", service.stack.entra.url);
      const running = promisify(execFile)(shell, options, { cwd: root });
      running.child.stdin?.end(`${here}\n`);
      const { stdout } = await running;
      expect(stdout).not.toBe("");
      // Each answer ends with a line break.
      expect(stdout).toMatch(/\n$/);
      expect(stdout).not.toContain("}{");
      expect(stdout.match(/"status":403/g) ?? []).toHaveLength(blocks.filter(isDenied).length);
    });
  });
});

// Of a page with MSAL, only the types can be checked: MSAL accepts no Entra ID on this machine.
test.each(["page", "redirect"])("the code of a %s for browsers compiles", async (module) => {
  const code = blocksOf("docs/client-owners.md").filter(({ info }) => info === `ts ${module}`);
  const folder = await makeClientFolder(`guide-${module}`);
  try {
    await writeFile(join(folder.path, "module.ts"), code.map((block) => block.code).join("\n"));
    expect(code).not.toEqual([]);
    await folder.compile("module.ts");
  } finally {
    await folder.remove();
  }
});

test.each(files)("every link in %s leads somewhere", (file) => {
  const links = (texts.get(file) ?? "").matchAll(/\]\(([^)\s]+)\)/g);
  const broken = [...links]
    .map(([, link = ""]) => link)
    .filter((link) => !/^https?:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? file : join(dirname(file), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    });
  expect(broken).toEqual([]);
});

const folders = [
  "src",
  "cli",
  "dev",
  "tools",
  "tests",
  "bench",
  "infra",
  "examples/agent",
  "examples/web-client",
];
const sources = (
  await Promise.all(
    folders.map(async (folder) => {
      const entries = await readdir(join(root, folder), { recursive: true });
      return ["", ...entries].map((entry) =>
        join("/", folder, entry).replaceAll("\\", "/").replace(/\/$/, ""),
      );
    }),
  )
).flat();

test.each(files)("every source file, template, and test that %s names exists", (file) => {
  const named = [...(texts.get(file) ?? "").matchAll(/`([\w./-]+)`/g)].map(([, name = ""]) => name);
  const isSource = (name: string) =>
    /\.(ts|bicep|bicepparam|kql|sh)$/.test(name) || folders.some((folder) => name.startsWith(`${folder}/`));
  const missing = named
    .filter(isSource)
    .filter((name) => !sources.some((source) => source.endsWith(`/${name.replace(/\/$/, "")}`)));
  expect(missing).toEqual([]);
});
