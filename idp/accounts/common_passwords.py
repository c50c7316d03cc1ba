"""The words that attackers try first: short, folded, without the digits and signs that people add. Written by hand from
what is generally known of leaked passwords, in English, Japanese and the language of mail systems."""

from typing import Final

_TEXT: Final = """
password passwort passwd passw0rd passphrase pass pasword passwordpassword mypassword newpassword
password1 password12 password123 admin administrator root toor guest test tester testtest testing demo demouser
default changeme changeit change letmein letmeinnow welcome welcomeback welcomehome login logon signin user username
secret topsecret supersecret secure security access private public master masterkey manager system server service
qwerty qwertyuiop qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc poiuytrewq
iloveyou ilovyou loveyou lovely lovelove love loveme iloveu forever princess prince sunshine shadow superman batman
spiderman starwars pokemon pikachu naruto dragon monkey tiger lion eagle bear panda puppy kitten cat dog horse rabbit
butterfly flower flowers cookie chocolate cheese banana apple orange coffee pepper ginger summer winter spring autumn
january february march april june july august september october november december monday tuesday wednesday thursday
friday saturday sunday football baseball basketball soccer hockey tennis golf golfer runner champion winner liverpool
arsenal chelsea barcelona juventus yankees dallas london paris tokyo osaka kyoto japan nippon nihon sakura fujisan
michael jessica ashley jordan jennifer charlie thomas andrew daniel matthew anthony joshua robert william george
hannah nicole amanda samantha michelle elizabeth maggie buster bailey hunter killer trustno trustme trustnoone
computer internet network wireless samsung google facebook microsoft windows office outlook gmail yahoo hotmail
webmail mail email mailbox postmaster imap smtp roundcube dovecot postfix gatepost gateway company corporate business
hello helloworld hellohello whatever freedom blessed jesus jesuschrist heaven angel angels faith hope grace
money dollar million lucky star stars blue green purple yellow silver golden diamond mustang ferrari porsche mercedes
toyota honda suzuki yamaha nissan doraemon totoro arigatou arigato konnichiwa sayonara ohayou himitsu aishiteru
pasuwado watashi anata takahashi tanaka suzukisan yamada satou watanabe kobayashi nakamura
パスワード ぱすわーど ひみつ ありがとう こんにちは さくら あいしてる にほん 秘密 日本 東京 合言葉
opensesame abracadabra correcthorsebatterystaple correcthorse thequickbrownfox loremipsum
nopassword nothing something anything access unknown temporary temppass temp example sample initial
"""
COMMON: Final = frozenset(_TEXT.split())
