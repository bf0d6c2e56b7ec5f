import type { ButtonHTMLAttributes, ReactNode } from "react";
import "./button.css";

type Look = "primary" | "plain" | "quiet" | "danger";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  busy?: boolean;
}

export function Button({ look = "plain", icon, busy = false, children, className = "", disabled, ...rest }: Props) {
  return (
    <button type="button" {...rest} disabled={disabled || busy} aria-busy={busy || undefined} className={`button ${look} ${className}`}>
      {icon}
      {children}
    </button>
  );
}

interface IconProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  icon: ReactNode;
}

/** A button that is only a picture; `label` is its name for everyone who cannot see it, and its tooltip. */
export function IconButton({ label, icon, className = "", ...rest }: IconProps) {
  return (
    <button type="button" aria-label={label} title={label} {...rest} className={`button quiet only-icon ${className}`}>
      {icon}
    </button>
  );
}
