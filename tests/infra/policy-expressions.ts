import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dotnet } from "../../tools/dotnet.ts";
import { infraDirectory } from "../../tools/infra/deployments.ts";

/** What an expression is evaluated in; what is left out is as in a request without anything. */
export interface ExpressionCase {
  /** A policy file, and which of its expressions, counted from 0. */
  readonly expression: readonly [file: string, at: number];
  readonly path?: string;
  readonly template?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly bodyLength?: number;
  readonly token?: {
    readonly algorithm: string;
    /** Whether it has an `exp`; true if left out. */
    readonly expires?: boolean;
    readonly issuer: string;
    readonly audiences: readonly string[];
    readonly claims: Readonly<Record<string, readonly string[]>>;
  };
  readonly error?: {
    readonly Source: string;
    readonly Reason: string | null;
    readonly Message: string | null;
  };
  readonly statusCode?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

/** The expressions of a policy of `infra/gateway`, in order, as C#. */
export function expressionsOf(file: string): string[] {
  const xml = readFileSync(join(infraDirectory, "gateway", file), "utf8").replaceAll(/<!--.*?-->/gs, "");
  const found = [...xml.matchAll(/="(@[({][^"]*)"|>(@[({].*?)<\/(?:value|set-body)>/gs)];
  return found.map(([, attribute, text]) =>
    (attribute ?? text ?? "")
      .replaceAll("&quot;", '"')
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&"),
  );
}

/** Compiles the expressions of these policies and evaluates them, one case after the other, in one process. */
export async function evaluate(
  files: readonly string[],
  cases: readonly ExpressionCase[],
): Promise<unknown[]> {
  const folder = await mkdtemp(join(tmpdir(), "lkps-expressions-"));
  try {
    await cp(join(import.meta.dirname, "policy-expressions"), folder, { recursive: true });
    const methods = files.flatMap((file) =>
      expressionsOf(file).map((expression, at) => {
        const inside = expression.slice(2, -1);
        const body = expression.startsWith("@{") ? inside : `return ${inside};`;
        return `  public static object ${nameOf(file, at)}(Context context) { ${body} }`;
      }),
    );
    const uses = ["System", "System.Linq", "System.Text.RegularExpressions", "Newtonsoft.Json.Linq"];
    const source = [
      ...uses.map((one) => `using ${one};`),
      "public static class Expressions {",
      ...methods,
      "}",
    ];
    await writeFile(join(folder, "Expressions.cs"), source.join("\n"));
    const input = cases.map(({ expression: [file, at], ...rest }) => ({
      path: "/",
      template: "/",
      headers: {},
      statusCode: 500,
      variables: {},
      ...rest,
      expression: nameOf(file, at),
    }));
    const args = ["run", "--project", folder, "-p:UseSharedCompilation=false"];
    const { stdout, stderr } = await dotnet(args, { timeoutMs: 280_000, input: JSON.stringify(input) });
    const last = stdout.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("[")) throw new Error(stdout + stderr);
    return JSON.parse(last);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function nameOf(file: string, at: number): string {
  return `${file.replaceAll(/\W/g, "_")}_${at}`;
}
