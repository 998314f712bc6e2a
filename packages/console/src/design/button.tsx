// Buttons, and links that look like them. A button that waits says so and cannot be pressed twice.

import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, ReactNode, RefAttributes } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import type { ButtonProps as AriaButtonProps } from 'react-aria-components';
import styles from './button.module.css';
import { classNames } from './class-names.ts';
import { Icon } from './icons.tsx';
import type { IconName } from './icons.tsx';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style'> {
  readonly kind?: ButtonKind;
  readonly small?: boolean;
  readonly icon?: IconName;
  readonly children: ReactNode;
}

// While it waits it stays where the focus is and does nothing. (react-aria's own pending state announces the button by its id,
// which is gone when what it closed is.)
export function Button({ kind = 'plain', small = false, icon, children, isPending = false, ...rest }: ButtonProps): ReactNode {
  return (
    <AriaButton
      {...rest}
      {...(isPending ? { 'data-pending': 'true', onPress: waits } : {})}
      className={classNames(styles.button, styles[kind], small && styles.small)}
    >
      {icon !== undefined && <Icon name={icon} size={15} />}
      {children}
    </AriaButton>
  );
}

function waits(): void {}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'style' | 'aria-label'> {
  readonly icon: IconName;
  /** What it does, in words: its name and its tooltip. */
  readonly label: string;
  readonly small?: boolean;
}

export function IconButton({ icon, label, small = false, ...rest }: IconButtonProps): ReactNode {
  return (
    <TooltipTrigger delay={500}>
      <AriaButton {...rest} aria-label={label} className={classNames(styles.button, styles.quiet, styles.square, small && styles.small)}>
        <Icon name={icon} />
      </AriaButton>
      <Tooltip className={styles.tooltip ?? ''} offset={6}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement>, RefAttributes<HTMLAnchorElement> {
  readonly kind?: ButtonKind;
  readonly small?: boolean;
  readonly icon?: IconName;
}

function ButtonAnchor({ kind = 'plain', small = false, icon, children, ...rest }: AnchorProps): ReactNode {
  return (
    <a {...rest} className={classNames(styles.button, styles[kind], small && styles.small)}>
      {icon !== undefined && <Icon name={icon} size={15} />}
      {children}
    </a>
  );
}

/** A router link that looks like a button: `<LinkButton to="/endpoints/new" kind="primary">`. */
export const LinkButton: ReturnType<typeof createLink<typeof ButtonAnchor>> = createLink(ButtonAnchor);
