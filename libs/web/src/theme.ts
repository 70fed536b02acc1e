import {
  Button,
  createTheme,
  Drawer,
  Modal,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

const indigo: MantineColorsTuple = [
  '#eef0fc',
  '#dcdff5',
  '#b8bdea',
  '#9299df',
  '#747cd6',
  '#5f69d0',
  '#525bc6',
  '#4249ae',
  '#393f9b',
  '#2e3488',
];

// Neutral greys with a touch of blue; Mantine uses them for its dark surfaces.
const dark: MantineColorsTuple = [
  '#dcdce2',
  '#b9b9c3',
  '#9a9aa6',
  '#6d6d79',
  '#3d3d47',
  '#2e2e36',
  '#25252c',
  '#18181d',
  '#131317',
  '#0e0e11',
];

const SANS =
  'ui-sans-serif, -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif, "Apple Color Emoji", "Segoe UI Emoji"';
const MONO =
  'ui-monospace, "SF Mono", SFMono-Regular, Menlo, "Cascadia Mono", Consolas, "Liberation Mono", monospace';

/** Mantine's look, adapted: one accent, soft corners, quiet shadows. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 6, dark: 5 },
  colors: { indigo, dark },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  headings: { fontFamily: SANS, fontWeight: '600' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { fw: 500 } }),
    Modal: Modal.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
    Drawer: Drawer.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } }),
  },
});

const light = {
  '--canvas': '#ffffff',
  '--surface': '#f7f7f9',
  '--surface-strong': '#eeeef2',
  '--raised': '#ffffff',
  '--line': '#e6e6eb',
  '--line-strong': '#d5d5dd',
  '--ink': '#1c1c21',
  '--ink-soft': '#4c4c57',
  '--ink-dim': '#666672',
  '--accent': '#4d55c2',
  '--accent-soft': '#eef0fc',
  '--good': '#1a7f45',
  '--bad': '#c02b37',
  '--bad-soft': '#fdf0f0',
  '--warn': '#8f5a00',
  '--warn-soft': '#fff7e6',
  '--code-keyword': '#7a3eb1',
  '--code-string': '#1f7040',
  '--code-value': '#9a4a00',
  '--code-name': '#1c5fb0',
  '--shadow': '0 1px 2px rgb(20 20 40 / 5%), 0 4px 16px rgb(20 20 40 / 6%)',
};

const night: typeof light = {
  '--canvas': '#18181b',
  '--surface': '#121214',
  '--surface-strong': '#27272c',
  '--raised': '#202024',
  '--line': '#2c2c32',
  '--line-strong': '#3d3d45',
  '--ink': '#ececf0',
  '--ink-soft': '#c3c3cc',
  '--ink-dim': '#9c9ca8',
  '--accent': '#9aa1f0',
  '--accent-soft': '#26284a',
  '--good': '#5fcf8e',
  '--bad': '#ff8088',
  '--bad-soft': '#36191d',
  '--warn': '#e5b75f',
  '--warn-soft': '#322711',
  '--code-keyword': '#c9a3f5',
  '--code-string': '#8ed6a5',
  '--code-value': '#eeb678',
  '--code-name': '#8bbcf7',
  '--shadow': '0 1px 2px rgb(0 0 0 / 30%), 0 4px 16px rgb(0 0 0 / 30%)',
};

/** The page's own colours, as CSS variables. Components use only these. */
export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...light,
    '--mantine-color-body': light['--canvas'],
    '--mantine-color-text': light['--ink'],
    '--mantine-color-dimmed': light['--ink-dim'],
    '--mantine-color-placeholder': light['--ink-dim'],
    '--mantine-color-default-border': light['--line-strong'],
  },
  dark: {
    ...night,
    '--mantine-color-body': night['--canvas'],
    '--mantine-color-text': night['--ink'],
    '--mantine-color-dimmed': night['--ink-dim'],
    '--mantine-color-placeholder': night['--ink-dim'],
    '--mantine-color-default-border': night['--line-strong'],
  },
});
