interface Bar {
  readonly callId: string;
  readonly parentCallId: string | null;
  readonly from: number;
  readonly to: number;
}

/**
 * Gives each bar a line: the first one that is free at its time, below its parent's. Consecutive calls share a line,
 * parallel ones stack. `bars` in the order of their start.
 */
export function packTools<T extends Bar>(
  bars: readonly T[],
): { tools: (T & { line: number; depth: number })[]; lines: number } {
  const freeAt: number[] = [];
  const placed = new Map<string, { line: number; depth: number }>();
  const tools = bars.map((bar) => {
    const parent = bar.parentCallId === null ? undefined : placed.get(bar.parentCallId);
    const line = freeLine(freeAt, bar.from, parent ? parent.line + 1 : 0);
    // A bar without length still takes up space: two at the same time stack.
    freeAt[line] = Math.max(bar.to, bar.from + Number.EPSILON * Math.max(1, bar.from));
    const place = { line, depth: parent ? parent.depth + 1 : 0 };
    placed.set(bar.callId, place);
    return { ...bar, ...place };
  });
  return { tools, lines: freeAt.length };
}

function freeLine(freeAt: number[], from: number, lowest: number): number {
  while (freeAt.length < lowest) freeAt.push(-Infinity);
  for (let line = lowest; line < freeAt.length; line++) if ((freeAt[line] ?? -Infinity) <= from) return line;
  return freeAt.length;
}
