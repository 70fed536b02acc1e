import fc from 'fast-check';
import { IDLE_MS, Player, SPEEDS } from '../../src/debug/model/player.js';

function playerOf(...offsets: number[]): Player {
  const player = new Player();
  player.extend(offsets);
  return player;
}

const where = (player: Player): [number, number] => [player.snapshot().index, player.snapshot().offset];

describe('the player', () => {
  it('opens at the newest event', () => {
    expect(where(playerOf(0, 10, 30))).toEqual([2, 30]);
    expect(where(playerOf())).toEqual([-1, 0]);
  });

  it('plays in the original time', () => {
    const player = playerOf(0, 100, 300);
    player.play();
    expect(where(player)).toEqual([0, 0]);
    player.advance(99);
    expect(where(player)).toEqual([0, 99]);
    player.advance(2);
    expect(where(player)).toEqual([1, 101]);
    player.advance(500);
    expect(where(player)).toEqual([2, 300]);
    expect(player.snapshot().isPlaying).toBe(false);
  });

  it('takes as long as the run divided by the speed, however time is split into frames', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: IDLE_MS }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        gaps,
        fc.constantFrom(...SPEEDS),
        fc.integer({ min: 1, max: 50 }),
        (steps, speed, frame) => {
          let at = 0;
          const player = playerOf(0, ...steps.map((gap) => (at += gap)));
          player.setSpeed(speed);
          player.play();
          const frames = Math.ceil(at / speed / frame + 1e-9);
          for (let i = 0; i < frames; i++) {
            expect(player.snapshot().offset).toBeCloseTo(Math.min(at, i * frame * speed), 4);
            player.advance(frame);
          }
          expect(player.snapshot().index).toBe(steps.length);
        },
      ),
    );
  });

  it('skips idle time when asked to', () => {
    const player = playerOf(0, 60_000, 60_100);
    player.play();
    player.advance(300);
    expect(where(player)).toEqual([1, 60_000]);
    player.setSkipsIdle(false);
    player.seek(0);
    player.play();
    player.advance(300);
    expect(where(player)).toEqual([0, 300]);
  });

  it('never shows idle time slower than the speed', () => {
    const player = playerOf(0, 2000);
    player.setSpeed(50);
    player.play();
    player.advance(40);
    expect(where(player)).toEqual([1, 2000]);
  });

  it('plays again from the beginning when it is at the end', () => {
    const player = playerOf(0, 10);
    player.toggle();
    expect(player.snapshot()).toMatchObject({ index: 0, isPlaying: true });
    player.toggle();
    expect(player.snapshot()).toMatchObject({ index: 0, isPlaying: false });
  });

  it('steps within the log and stops playing', () => {
    const player = playerOf(0, 10, 20);
    player.play();
    player.step(1);
    expect(player.snapshot()).toMatchObject({ index: 1, offset: 10, isPlaying: false });
    player.step(-5);
    expect(where(player)).toEqual([0, 0]);
    player.step(9);
    expect(where(player)).toEqual([2, 20]);
  });

  it('seeks to a time between two events, and stays within the run', () => {
    const player = playerOf(0, 10, 20);
    player.seekTime(15);
    expect(where(player)).toEqual([1, 15]);
    player.seekTime(-4);
    expect(where(player)).toEqual([0, 0]);
    player.seekTime(99);
    expect(where(player)).toEqual([2, 20]);
  });

  it('stays at the end of a growing log while it is live, and not after somebody seeks back', () => {
    const player = playerOf(0, 10);
    player.setLive(true);
    player.extend([0, 10, 20]);
    expect(where(player)).toEqual([2, 20]);
    player.step(-1);
    player.extend([0, 10, 20, 30]);
    expect(where(player)).toEqual([1, 10]);
    player.setLive(true);
    expect(where(player)).toEqual([3, 30]);
  });

  it('notifies only about changes', () => {
    const player = playerOf(0, 10);
    let told = 0;
    const stop = player.subscribe(() => told++);
    player.seek(1);
    expect(told).toBe(0);
    player.seek(0);
    expect(told).toBe(1);
    stop();
    player.seek(1);
    expect(told).toBe(1);
  });

  it('does nothing with an empty log', () => {
    const player = playerOf();
    player.play();
    player.step(1);
    player.seekTime(5);
    expect(player.snapshot()).toMatchObject({ index: -1, offset: 0, isPlaying: false });
  });
});
