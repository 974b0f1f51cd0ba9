import type { Engine } from "./engine.ts";
import type { Situation } from "./situations.ts";

/** Lists every wrong answer of the engines. Comparing speed makes sense only if the answers are the same. */
export async function disagreements(
  engines: readonly Engine[],
  situations: readonly Situation[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const engine of engines) {
    for (const { code, api, clients } of situations) {
      const decide = await engine.read(api);
      for (const client of clients) {
        const said = engine.meaning(decide(client));
        const isRight = typeof said === "boolean" ? said === (code === "pre_authorized") : said === code;
        if (!isRight) wrong.push(`${engine.name} says ${said} to ${client} instead of ${code}`);
      }
    }
  }
  return wrong;
}
