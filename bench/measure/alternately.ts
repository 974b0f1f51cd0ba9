/**
 * Measures each side once per round, in turn, so that other work on the machine affects all of them. Every other round
 * runs in reverse order, so that no side always follows another.
 *
 * @returns the figures of each side, by round
 */
export async function alternately<Side extends string>(
  sides: Readonly<Record<Side, () => Promise<number>>>,
  rounds: number,
  onRound: (round: number) => void = () => {},
): Promise<Record<Side, number[]>> {
  const names = Object.keys(sides) as Side[];
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Side, number[]>;
  for (let round = 0; round < rounds; round++) {
    onRound(round + 1);
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      figures[name].push(await sides[name]());
    }
  }
  return figures;
}
