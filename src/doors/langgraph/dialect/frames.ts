/** One frame of a LangGraph stream. */
export interface NamedFrame {
  readonly event: string;
  readonly data: unknown;
}

/**
 * Frames on the wire. The id of their event is on the last one only: a client that was disconnected between two of them
 * resumes before both. Without frames, there is one with the id alone, which the client remembers and does not show.
 */
export function written(frames: readonly NamedFrame[], id?: string): string {
  if (frames.length === 0) return id === undefined ? '' : `id: ${id}\n\n`;
  return frames
    .map(({ event, data }, index) => {
      const isLast = index === frames.length - 1;
      return `event: ${event}\n${isLast && id !== undefined ? `id: ${id}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
    })
    .join('');
}

/** Ends every stream that is complete: without it, a client asks whether the run goes on. */
export const END: NamedFrame = { event: 'end', data: null };
