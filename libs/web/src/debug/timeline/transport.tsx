import { ActionIcon, SegmentedControl, Switch } from '@mantine/core';
import {
  IconChevronLeft,
  IconChevronRight,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
} from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { formatCount } from '../../ui/format.js';
import { IconButton } from '../../ui/icon-button.js';
import { useHead } from '../data/replay.js';
import { formatClock } from '../model/format.js';
import { SPEEDS, type Player, type Speed } from '../model/player.js';
import classes from './transport.module.css';

/** Plays the run back, faster or slower, or step by step. */
export function Transport({ player }: { player: Player }): ReactElement {
  return (
    <div className={classes.transport}>
      <Buttons player={player} />
      <Clock player={player} />
      <div className={classes.pace}>
        <SkipIdle player={player} />
        <SpeedChoice player={player} />
      </div>
    </div>
  );
}

function Buttons({ player }: { player: Player }): ReactElement {
  const isPlaying = useHead(player, (head) => head.isPlaying);
  return (
    <div className={classes.buttons} role="group" aria-label="Playback">
      <Move player={player} label="First event" by={-Infinity} icon={IconPlayerSkipBack} />
      <Move player={player} label="One event back" keys="←" by={-1} icon={IconChevronLeft} />
      <ActionIcon
        className={classes.play}
        variant="filled"
        size={34}
        radius="xl"
        aria-label={isPlaying ? 'Pause' : 'Play'}
        title={isPlaying ? 'Pause (Space)' : 'Play (Space)'}
        onClick={player.toggle}
      >
        {isPlaying ? <IconPlayerPauseFilled size={16} /> : <IconPlayerPlayFilled size={16} />}
      </ActionIcon>
      <Move player={player} label="One event forward" keys="→" by={1} icon={IconChevronRight} />
      <Move player={player} label="Last event" by={Infinity} icon={IconPlayerSkipForward} />
    </div>
  );
}

interface MoveProps {
  player: Player;
  label: string;
  keys?: string;
  by: number;
  icon: typeof IconChevronLeft;
}

function Move({ player, label, keys, by, icon: Icon }: MoveProps): ReactElement {
  const isThere = useHead(player, ({ index }) => (by < 0 ? index <= 0 : index >= player.length - 1));
  return (
    <IconButton
      label={label}
      {...(keys !== undefined && { keys })}
      disabled={isThere}
      onClick={() => {
        player.step(by);
      }}
    >
      <Icon size={17} stroke={1.8} />
    </IconButton>
  );
}

function Clock({ player }: { player: Player }): ReactElement {
  const offset = useHead(player, (head) => Math.round(head.offset));
  const index = useHead(player, (head) => head.index);
  return (
    <div className={classes.clock}>
      <span className={classes.now}>{formatClock(offset)}</span>
      <span className={classes.total}>/ {formatClock(player.duration)}</span>
      <span className={classes.place}>
        event {formatCount(index + 1)} of {formatCount(player.length)}
      </span>
    </div>
  );
}

function SkipIdle({ player }: { player: Player }): ReactElement {
  return (
    <Switch
      size="xs"
      label="Skip silences"
      checked={useHead(player, (head) => head.skipsIdle)}
      onChange={(event) => {
        player.setSkipsIdle(event.currentTarget.checked);
      }}
    />
  );
}

const LABELS: Readonly<Record<Speed, string>> = {
  0.25: '¼×',
  1: '1×',
  2: '2×',
  5: '5×',
  10: '10×',
  50: '50×',
};

function SpeedChoice({ player }: { player: Player }): ReactElement {
  const speed = useHead(player, (head) => head.speed);
  return (
    <SegmentedControl
      size="xs"
      aria-label="Speed"
      data={SPEEDS.map((value) => ({ value: String(value), label: LABELS[value] }))}
      value={String(speed)}
      onChange={(value) => {
        player.setSpeed(Number(value) as Speed);
      }}
    />
  );
}
