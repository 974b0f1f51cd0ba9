/** A fenced code block of a Markdown file. */
export interface FencedBlock {
  /** What follows the fence, such as `sh local`. */
  readonly info: string;
  readonly code: string;
}

/** Finds the fenced code blocks that start at the beginning of a line. */
export function fencedBlocks(markdown: string): FencedBlock[] {
  const found = markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms);
  return [...found].map(([, info = "", code = ""]) => ({ info, code }));
}
