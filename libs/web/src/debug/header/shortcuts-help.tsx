import { Kbd, Popover } from '@mantine/core';
import { IconKeyboard } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { IconButton } from '../../ui/icon-button.js';
import { SHORTCUTS } from '../data/use-shortcuts.js';
import classes from './shortcuts-help.module.css';

/** The page's keyboard shortcuts. */
export function ShortcutsHelp(): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      opened={isOpen}
      onChange={setOpen}
      position="bottom-end"
      shadow="md"
      withinPortal
      trapFocus={false}
    >
      <Popover.Target>
        <IconButton
          label="Keys"
          visibleFrom="sm"
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <IconKeyboard size={18} stroke={1.6} />
        </IconButton>
      </Popover.Target>
      <Popover.Dropdown aria-label="Keys">
        <dl className={classes.keys}>
          {SHORTCUTS.map(([keys, meaning]) => (
            <div key={keys} className={classes.row}>
              <dt>
                {keys.split(/ (?!\+|w)/).map((key) => (
                  <Kbd key={key} size="xs">
                    {key}
                  </Kbd>
                ))}
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
