"""What the owner of a device is told to do about it, in every language: by signal, and by system where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kernel.records.devices import Device
from policies.model import Policy
from policies.unmet import Lack, Unmet, unmet

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to put right: what is wrong, and how to mend it, by language."""

    signal: str
    wrong: Words
    mend: Words


def advice(policy: Policy | None, device: Device, now: float) -> tuple[Advice, ...]:
    """Return what a device misses under the policy in force, and how to mend it; nothing while there is no policy."""
    return tuple(_advice(each, device) for each in unmet(policy, device, now)) if policy else ()


def _advice(missing: Unmet, device: Device) -> Advice:
    if missing.lack is not Lack.WRONG:
        wrong = _filled(SILENT[missing.lack], NAMES.get(missing.signal), missing)
        return Advice(missing.signal, wrong, REPORT)
    named = WRONG.get(missing.signal) if missing.wanted != "false" else None
    wrong = _filled(named or OTHERWISE, NAMES.get(missing.signal), missing)
    ways = MEND.get(missing.signal, {})
    family = "linux" if device.platform in _LINUX else device.platform
    return Advice(missing.signal, wrong, ways.get(family) or ways.get("") or ASK)


def _filled(words: Words, names: Words | None, missing: Unmet) -> Words:
    shown = names or dict.fromkeys(words, missing.signal)
    return {language: text.format(name=shown[language], wanted=missing.wanted) for language, text in words.items()}


_LINUX: Final = frozenset({"linux", "debian", "ubuntu", "fedora", "rhel"})

NAMES: Final[Mapping[str, Words]] = {
    "disk_encrypted": {"en": "disk encryption", "ja": "ディスクの暗号化"},
    "screen_lock": {"en": "the screen lock", "ja": "画面ロック"},
    "firewall": {"en": "the firewall", "ja": "ファイアウォール"},
    "antivirus": {"en": "malware protection", "ja": "マルウェア対策"},
    "auto_update": {"en": "automatic updates", "ja": "自動アップデート"},
    "secure_boot": {"en": "secure boot", "ja": "セキュアブート"},
    "reboot_pending": {"en": "a pending restart", "ja": "再起動の要否"},
    "os_version": {"en": "the version of the system", "ja": "OSのバージョン"},
}
SILENT: Final[Mapping[Lack, Words]] = {
    Lack.UNREPORTED: {
        "en": "This device has never reported {name}.",
        "ja": "{name}について、この端末からの報告がありません。",
    },
    Lack.STALE: {
        "en": "What this device reported of {name} is too old.",
        "ja": "{name}についての報告が古くなっています。",
    },
}
REPORT: Final[Words] = {
    "en": "See that gatepost-agent runs on it: `gatepost-agent status`.",
    "ja": "gatepost-agentが動作しているか、`gatepost-agent status`でご確認ください。",
}
OTHERWISE: Final[Words] = {
    "en": "{name} is not as it should be (wanted: {wanted}).",
    "ja": "{name}が要件を満たしていません（要件: {wanted}）。",
}
ASK: Final[Words] = {
    "en": "Ask your administrator what to do about it.",
    "ja": "対処方法については管理者にお問い合わせください。",
}
WRONG: Final[Mapping[str, Words]] = {
    "disk_encrypted": {"en": "Disk encryption is off.", "ja": "ディスクの暗号化が無効です。"},
    "screen_lock": {"en": "The screen does not lock by itself.", "ja": "画面の自動ロックが無効です。"},
    "firewall": {"en": "The firewall is off.", "ja": "ファイアウォールが無効です。"},
    "antivirus": {
        "en": "Malware protection is off, or out of date.",
        "ja": "マルウェア対策が無効か、更新されていません。",
    },
    "auto_update": {"en": "Updates do not install by themselves.", "ja": "自動アップデートが無効です。"},
    "secure_boot": {"en": "Secure boot is off.", "ja": "セキュアブートが無効です。"},
    "os_version": {
        "en": "The system is older than {wanted}.",
        "ja": "OSのバージョンが{wanted}より古くなっています。",
    },
}
MEND: Final[Mapping[str, Mapping[str, Words]]] = {
    "disk_encrypted": {
        "linux": {
            "en": "Encryption of the whole disk is chosen when the system is installed. "
            "Back your files up and ask for help.",
            "ja": "ディスク全体の暗号化はOSのインストール時に設定します。"
            "ファイルをバックアップのうえ、管理者にご相談ください。",
        },
        "macos": {
            "en": "System Settings, Privacy & Security, FileVault: turn it on, and keep the recovery key safe.",
            "ja": "「システム設定」の「プライバシーとセキュリティ」で「FileVault」をオンにし、"
            "復旧キーを安全に保管してください。",
        },
        "windows": {
            "en": "Settings, Privacy & security, Device encryption (or BitLocker): "
            "turn it on, and keep the recovery key safe.",
            "ja": "「設定」の「プライバシーとセキュリティ」で"
            "「デバイスの暗号化」（またはBitLocker）をオンにしてください。",
        },
    },
    "firewall": {
        "linux": {
            "en": "Switch it on as root, for instance: `ufw enable`, or `systemctl enable --now firewalld`.",
            "ja": "rootで有効にしてください。例：`ufw enable`、または`systemctl enable --now firewalld`",
        },
        "macos": {
            "en": "System Settings, Network, Firewall: turn it on.",
            "ja": "「システム設定」の「ネットワーク」で「ファイアウォール」をオンにしてください。",
        },
        "windows": {
            "en": "Windows Security, Firewall & network protection: turn every network on.",
            "ja": "「Windows セキュリティ」の「ファイアウォールとネットワーク保護」で、"
            "すべてのネットワークをオンにしてください。",
        },
    },
    "screen_lock": {
        "": {
            "en": "Switch the automatic screen lock on in the system's settings.",
            "ja": "OSの設定で、画面の自動ロックを有効にしてください。",
        }
    },
    "auto_update": {
        "linux": {
            "en": "Install and enable it: `apt install unattended-upgrades`, or `dnf install dnf-automatic`.",
            "ja": "導入して有効にしてください：`apt install unattended-upgrades`、または`dnf install dnf-automatic`",
        },
        "": {
            "en": "Switch automatic updates on in the system's settings.",
            "ja": "OSの設定で、自動アップデートを有効にしてください。",
        },
    },
    "secure_boot": {
        "": {
            "en": "It is switched on in the firmware's settings; ask for help if you do not know them.",
            "ja": "ファームウェア（UEFI）の設定で有効にします。不明な場合は管理者にご相談ください。",
        }
    },
    "reboot_pending": {"": {"en": "Restart the device.", "ja": "端末を再起動してください。"}},
    "os_version": {
        "": {"en": "Install the updates that the system offers.", "ja": "OSのアップデートをインストールしてください。"}
    },
}
