/** What is measured: does its work once and answers the figure, or answers nothing to be timed from outside. */
export type Measured = () => Promise<number> | number;

/**
 * Measures each side once a round, in turn, so that whatever else the machine does meets all of them. Every other round
 * goes backwards: no side is always the one after another.
 *
 * @returns the figures of each side, in the order of the rounds
 */
export async function alternately<Side extends string>(
  sides: Readonly<Record<Side, Measured>>,
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
