/// <reference types="@kusto/language-service-next" />
// Microsoft's Kusto language service: it defines `Kusto` and `Bridge` as globals, the second needing the first.
import "@kusto/language-service-next/bridge.min.js";
import "@kusto/language-service-next/Kusto.Language.Bridge.min.js";

/** A name in a query, where a misspelling would be. */
interface Name {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What a query is, to the language service. */
interface Analysis {
  /** Errors and warnings, with what they are about. */
  readonly problems: string[];
  /** Columns of the result, with their types. */
  readonly columns: Record<string, string>;
  /** Where columns and tables are named. */
  readonly names: Name[];
  /** Members of JSON that are read: no schema knows them. */
  readonly members: string[];
  readonly strings: string[];
}

const { KustoCode, GlobalState, Symbols, Syntax } = Kusto.Language;

/** Of Log Analytics' own tables, the columns that the queries use: learn.microsoft.com/azure/azure-monitor/reference. */
const workspace = GlobalState.Default?.WithDatabase(
  new Symbols.DatabaseSymbol.ctor("workspace", [
    new Symbols.TableSymbol.$ctor7("AppTraces", "(TimeGenerated: datetime, Message: string)", null),
    new Symbols.TableSymbol.$ctor7(
      "Usage",
      "(TimeGenerated: datetime, DataType: string, Quantity: real, IsBillable: bool)",
      null,
    ),
  ]),
);

/** Parses a query and binds its names to the tables of the workspace. */
export function analyze(query: string): Analysis {
  const code = KustoCode.ParseAndAnalyze(query, workspace ?? null);
  if (code === null) throw new Error("The language service has no answer.");
  const names: Name[] = [];
  const members: string[] = [];
  const strings: string[] = [];
  Syntax.SyntaxElement.WalkNodes(code.Syntax, (node) => {
    if (node instanceof Syntax.LiteralExpression) {
      if (node.Kind === Syntax.SyntaxKind.StringLiteralExpression) strings.push(String(node.LiteralValue));
    } else if (node instanceof Syntax.NameReference) {
      const { SimpleName, TextStart, End, Parent, ReferencedSymbol: symbol } = node;
      const text = SimpleName ?? "";
      if (Parent instanceof Syntax.PathExpression && Parent.Selector === node) members.push(text);
      else if (symbol instanceof Symbols.ColumnSymbol || symbol instanceof Symbols.TableSymbol) {
        names.push({ text, start: TextStart, end: End });
      }
    }
  });
  const { Columns } = code.ResultType as Kusto.Language.Symbols.TableSymbol;
  return {
    problems: items(code.GetDiagnostics()).map(({ Code, Message, Start, End }) =>
      `${Code} ${Message} ${query.slice(Start, End)}`.trim(),
    ),
    columns: Object.fromEntries(items(Columns).map(({ Name, Type }) => [Name ?? "", Type?.Name ?? ""])),
    names,
    members,
    strings,
  };
}

/** A .NET collection as an array; the declarations of the package leave `toArray` out. */
function items<T>(collection: System.Collections.Generic.IEnumerable$1<T> | null): T[] {
  return (Bridge as unknown as { toArray(from: unknown): T[] }).toArray(collection);
}
