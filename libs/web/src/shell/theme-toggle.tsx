import { useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { IconButton } from '../ui/icon-button.js';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;
const WORDS = { auto: 'system', light: 'light', dark: 'dark' } as const;

/** Light, dark, or following the system. */
export function ThemeToggle(): ReactElement {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICONS[colorScheme];
  return (
    <IconButton
      label={`Theme: ${WORDS[colorScheme]}`}
      onClick={() => {
        setColorScheme(NEXT[colorScheme]);
      }}
    >
      <Icon size={18} stroke={1.7} />
    </IconButton>
  );
}
