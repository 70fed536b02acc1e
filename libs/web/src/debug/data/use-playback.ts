import { useEffect } from 'react';
import type { Player } from '../model/player.js';

/** After a sleep the playback must not jump: no frame counts for more than this, ms. */
const MAX_FRAME_MS = 100;

/** Advances the player on every frame while it plays. */
export function usePlayback(player: Player): void {
  useEffect(() => {
    let frame: number | null = null;
    let last = 0;
    const tick = (now: number): void => {
      // A frame may carry a time from before the call that requested it.
      player.advance(Math.min(Math.max(now - last, 0), MAX_FRAME_MS));
      last = now;
      frame = player.snapshot().isPlaying ? requestAnimationFrame(tick) : null;
    };
    const wake = (): void => {
      if (frame !== null || !player.snapshot().isPlaying) return;
      last = performance.now();
      frame = requestAnimationFrame(tick);
    };
    const stop = player.subscribe(wake);
    wake();
    return () => {
      stop();
      if (frame !== null) cancelAnimationFrame(frame);
    };
  }, [player]);
}
