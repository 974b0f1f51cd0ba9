import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
export function evaluate(files: readonly string[], cases: readonly ExpressionCase[]): unknown[] {
  const folder = mkdtempSync(join(tmpdir(), "lkps-expressions-"));
  try {
    cpSync(join(import.meta.dirname, "policy-expressions"), folder, { recursive: true });
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
    writeFileSync(join(folder, "Expressions.cs"), source.join("\n"));
    const input = cases.map(({ expression: [file, at], ...rest }) => ({
      ...{ path: "/", template: "/", headers: {}, statusCode: 500, variables: {} },
      ...rest,
      expression: nameOf(file, at),
    }));
    const env = { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1" };
    const output = execFileSync("dotnet", ["run", "--project", folder], {
      input: JSON.stringify(input),
      encoding: "utf8",
      env,
    });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nameOf(file: string, at: number): string {
  return `${file.replaceAll(/\W/g, "_")}_${at}`;
}
