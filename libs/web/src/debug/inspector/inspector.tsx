import { Tabs } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useReplay } from '../data/replay.js';
import { EventPanel } from './event-panel.js';
import classes from './inspector.module.css';
import { SeenPanel } from './seen-panel.js';
import { ToolsPanel } from './tools-panel.js';
import { TurnsPanel } from './turns-panel.js';

/** The moment at which the replay is: what the user saw, the event itself, the tools in full, what went to the models. */
export function Inspector(): ReactElement {
  const { waterfall } = useReplay();
  const [tab, setTab] = useState<string | null>('seen');
  return (
    <Tabs
      value={tab}
      onChange={setTab}
      keepMounted={false}
      className={classes.inspector ?? ''}
      classNames={{ panel: classes.panel ?? '', list: classes.tabs ?? '' }}
    >
      <Tabs.List aria-label="Moment">
        <Tabs.Tab value="seen">As the user saw it</Tabs.Tab>
        <Tabs.Tab value="event">Event</Tabs.Tab>
        <Tabs.Tab value="tools">
          Tools <span className={classes.count}>{waterfall.tools.length}</span>
        </Tabs.Tab>
        <Tabs.Tab value="turns">Model</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="seen">
        <SeenPanel />
      </Tabs.Panel>
      <Tabs.Panel value="event">
        <EventPanel />
      </Tabs.Panel>
      <Tabs.Panel value="tools">
        <ToolsPanel />
      </Tabs.Panel>
      <Tabs.Panel value="turns">
        <TurnsPanel />
      </Tabs.Panel>
    </Tabs>
  );
}
