/* Made by wallet_rows.mjs: ethers, viem, tweetnacl, @noble/curves, bs58. */
/* clang-format off */
#ifdef SIGNED
SIGNED("ethers: v 27 or 28", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", VALID)
SIGNED("ethers: v 0 or 1", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f8101", VALID)
SIGNED("ethers: without 0x", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944be"
		"4b11a5ed51e94e36dc6f7f964fbb1f811c", VALID)
SIGNED("ethers: capitals", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5BF5F3475B2E1A33F7346AF4F4BC6EDD85468F6FF52AE4B599CF27A030B57DB1625D21FBE1D5053227DB13F1867944"
		"BE4B11A5ED51E94E36DC6F7F964FBB1F811C", VALID)
SIGNED("ethers: beyond ASCII", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"0xee4f177848dc21474f29b9b2aabeee4a408add2656035287ad38cdc6d4e858145482e3dc98b6f23c121935fc15814a"
		"055b50ec9a96061934e923811d37107fdb1b", VALID)
SIGNED("ethers: nothing signed", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"",
	"0x146b7a0c1e56026e63fa3631027fe710d7e308f4c0156fc3212711ea730f802f6e9a14a76f84d1ffe77ce03a429fe3"
		"e5a8dbd0d87bf5b567e07421cb5fe4b2801b", VALID)
SIGNED("ethers: 9 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxx",
	"0x2f96698a6e8c5b59f43c2e5d1cc52be1bc9824b8083632a8cbc5270061fbb60222cbfce4f571a63d4f82fb6da461c6"
		"2cfe4a712bff70a930e5652e6f4c0867841b", VALID)
SIGNED("ethers: 10 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxx",
	"0x5a09f24c5fed6484c8e04652a8a52bbe289aa2aecf89cc72fca13de58e82450041e864e5b65fd4dcbb9551a00802f1"
		"fe869822ae25ab5b4bc3cbd21d7258349e1c", VALID)
SIGNED("ethers: 99 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxx",
	"0x32602ba94b51eb6730d002d419160b543e367d91b980e9d66abc8ff7b87a4edd6f82845818145acb51e8757c6c99b9"
		"cb573c6e0672eb45634ca60f5d44d9b2811b", VALID)
SIGNED("ethers: 100 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxx",
	"0x7b8e071116338536a13387c5c6e4c1374297cafeb3ff809721a094db659c8d5c4e0e487f5c5dfa6b3c1d716290c042"
		"52cc938ee22ad4766c78ba7c4b25f0a1291c", VALID)
SIGNED("ethers: 107 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxx",
	"0xdf0ffd9b9f34b9f8f63119a671068e60f66d29b4d36e3ac09816595006a32c99393f72ca15be9cb1902a88cb19e0ec"
		"c209064a91a3894982b4d4a810d5dbb6d11c", VALID)
SIGNED("ethers: 108 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxx",
	"0x4eb1633418f9b673746c6105957920d557e083885b3a554b3c2ab4dbace19aa909f07c8ddbe4f63d59b64d376e6e94"
		"9c767d429e93d3a6a39253c3567fce11481c", VALID)
SIGNED("ethers: 109 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxx",
	"0x7be7341c9f30f66a7d3f64f85cdf0a7022b2758d597a17f77c851f089a3d6c9109b5ae8aeb5718f3bbcf1613c3cc2e"
		"b13a109244e65cabd9a28e4ff39ccabfb01c", VALID)
SIGNED("ethers: 244 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"0x8fabb7ddc7e762a703bcfe6d2dad58a21aee6953c95f0461611e54195b26001653453ef8b6546cad9ddfeceafa9c01"
		"2bd69e972d550351b1f74b06e6478347e21b", VALID)
SIGNED("ethers: 999 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"0x2933822b89c9065efd377f118f97d398ae8733d5b18d061488c3f6ac3566cb8a192a2476fb8034cb65726a8d018e39"
		"75d177ccee36428160d4ece725a125b8211b", VALID)
SIGNED("ethers: 1000 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"0x7cba47b66bdc470176e9819960f910b0c842b83a6de0cc19e00c18597b5a4db30ad0564a374f368d8f6c5f998c0414"
		"a49719198d92880fc241184a69436d10801b", VALID)
SIGNED("ethers: the other v", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811b", OTHER)
SIGNED("ethers: high s", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db19da2de041e2afacdd824ec0e7986bb"
		"406f9d36f95d5f5204e362def6807b21c01b", HIGH_S)
SIGNED("ethers: EIP-2098", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1e25d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f81", COMPACT)
SIGNED("ethers: EIP-2098 without 0x", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1e25d21fbe1d5053227db13f1867944be"
		"4b11a5ed51e94e36dc6f7f964fbb1f81", COMPACT)
SIGNED("ethers: v 02", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f8102", RECOVERY)
SIGNED("ethers: v 03", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f8103", RECOVERY)
SIGNED("ethers: v 1a", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811a", RECOVERY)
SIGNED("ethers: v 1d", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811d", RECOVERY)
SIGNED("ethers: v 1e", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811e", RECOVERY)
SIGNED("ethers: v 25", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f8125", RECOVERY)
SIGNED("ethers: v 26", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f8126", RECOVERY)
SIGNED("ethers: v ff", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f81ff", RECOVERY)
SIGNED("ethers: another's", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0xe6cfe8951457c9760d0a2ca807a96881ac1a4c152ef18f18654008db1e87d3f710397e76d29ad35da9fb36835d8287"
		"6f70549ef0e104e902e4b7668e7e72fb3a1c", OTHER)
SIGNED("ethers: CRLF", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\x0D\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\x0D\n\x0D\nSigning moves no mo"
		"ney.\x0D\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", OTHER)
SIGNED("ethers: a blank more", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff ",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", OTHER)
SIGNED("ethers: a line end more", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff\n",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", OTHER)
SIGNED("ethers: a zero-width character more", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff\xE2\x80\x8B",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", OTHER)
SIGNED("ethers: the hash signed as text", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x2fb463c55f414ece1b339864933d15f01b8dfa39b107154528ebd3ceb4ca7ead770353a5a7150ae66eb40e082ab705"
		"f829f7cff88e36bdcb7e08ee5657213bd81c", OTHER)
SIGNED("ethers: a digit less", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811", LENGTH)
SIGNED("ethers: a byte less than EIP-2098", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1e25d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f", LENGTH)
SIGNED("ethers: a digit more", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c0", LENGTH)
SIGNED("ethers: a byte more", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c00", LENGTH)
SIGNED("ethers: base58", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"97gP8CPRUEmUMP2V9FaXuG7aqQk2Zc3japqtffy7bcisYPyMiP8o9vTU7pJxvTgXDeQehoXbUcpcjuy23MV8yRvPD", CODING)
SIGNED("ethers: base64", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"W/XzR1suGjP3NGr09Lxu3YVGj2/1KuS1mc8noDC1fbFiXSH74dUFMifbE/GGeUS+SxGl7VHpTjbcb3+WT7sfgRw=", CODING)
SIGNED("ethers: a blank within", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f34 5b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", CODING)
SIGNED("ethers: a blank behind", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944be"
		"4b11a5ed51e94e36dc6f7f964fbb1f811c ", LENGTH)
SIGNED("ethers: 0x twice", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f18679"
		"44be4b11a5ed51e94e36dc6f7f964fbb1f81", CODING)
SIGNED("ethers: empty", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"", LENGTH)
SIGNED("ethers: 0x alone", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x", LENGTH)
SIGNED("ethers: r is zero", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x0000000000000000000000000000000000000000000000000000000000000000625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", RANGE)
SIGNED("ethers: s is zero", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1000000000000000000000000000000"
		"00000000000000000000000000000000001c", RANGE)
SIGNED("ethers: r is the order", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", RANGE)
SIGNED("ethers: s is the order", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1ffffffffffffffffffffffffffffff"
		"febaaedce6af48a03bbfd25e8cd03641411c", RANGE)
SIGNED("ethers: r is all ones", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", RANGE)
SIGNED("ethers: s is all ones", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1ffffffffffffffffffffffffffffff"
		"ffffffffffffffffffffffffffffffffff1c", RANGE)
SIGNED("ethers: s is the order less 1", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1ffffffffffffffffffffffffffffff"
		"febaaedce6af48a03bbfd25e8cd03641401c", HIGH_S)
SIGNED("viem: v 27 or 28", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f811c", VALID)
SIGNED("viem: v 0 or 1", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944"
		"be4b11a5ed51e94e36dc6f7f964fbb1f8101", VALID)
SIGNED("viem: without 0x", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"5bf5f3475b2e1a33f7346af4f4bc6edd85468f6ff52ae4b599cf27a030b57db1625d21fbe1d5053227db13f1867944be"
		"4b11a5ed51e94e36dc6f7f964fbb1f811c", VALID)
SIGNED("viem: capitals", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"kycd KYC verification\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396\n\nSigning moves no money"
		".\nNonce: 00112233445566778899aabbccddeeff",
	"0x5BF5F3475B2E1A33F7346AF4F4BC6EDD85468F6FF52AE4B599CF27A030B57DB1625D21FBE1D5053227DB13F1867944"
		"BE4B11A5ED51E94E36DC6F7F964FBB1F811C", VALID)
SIGNED("viem: beyond ASCII", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"0xee4f177848dc21474f29b9b2aabeee4a408add2656035287ad38cdc6d4e858145482e3dc98b6f23c121935fc15814a"
		"055b50ec9a96061934e923811d37107fdb1b", VALID)
SIGNED("viem: nothing signed", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"",
	"0x146b7a0c1e56026e63fa3631027fe710d7e308f4c0156fc3212711ea730f802f6e9a14a76f84d1ffe77ce03a429fe3"
		"e5a8dbd0d87bf5b567e07421cb5fe4b2801b", VALID)
SIGNED("viem: 9 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxx",
	"0x2f96698a6e8c5b59f43c2e5d1cc52be1bc9824b8083632a8cbc5270061fbb60222cbfce4f571a63d4f82fb6da461c6"
		"2cfe4a712bff70a930e5652e6f4c0867841b", VALID)
SIGNED("viem: 10 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxx",
	"0x5a09f24c5fed6484c8e04652a8a52bbe289aa2aecf89cc72fca13de58e82450041e864e5b65fd4dcbb9551a00802f1"
		"fe869822ae25ab5b4bc3cbd21d7258349e1c", VALID)
SIGNED("viem: 99 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxx",
	"0x32602ba94b51eb6730d002d419160b543e367d91b980e9d66abc8ff7b87a4edd6f82845818145acb51e8757c6c99b9"
		"cb573c6e0672eb45634ca60f5d44d9b2811b", VALID)
SIGNED("viem: 100 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxx",
	"0x7b8e071116338536a13387c5c6e4c1374297cafeb3ff809721a094db659c8d5c4e0e487f5c5dfa6b3c1d716290c042"
		"52cc938ee22ad4766c78ba7c4b25f0a1291c", VALID)
SIGNED("viem: 107 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxx",
	"0xdf0ffd9b9f34b9f8f63119a671068e60f66d29b4d36e3ac09816595006a32c99393f72ca15be9cb1902a88cb19e0ec"
		"c209064a91a3894982b4d4a810d5dbb6d11c", VALID)
SIGNED("viem: 108 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxx",
	"0x4eb1633418f9b673746c6105957920d557e083885b3a554b3c2ab4dbace19aa909f07c8ddbe4f63d59b64d376e6e94"
		"9c767d429e93d3a6a39253c3567fce11481c", VALID)
SIGNED("viem: 109 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxx",
	"0x7be7341c9f30f66a7d3f64f85cdf0a7022b2758d597a17f77c851f089a3d6c9109b5ae8aeb5718f3bbcf1613c3cc2e"
		"b13a109244e65cabd9a28e4ff39ccabfb01c", VALID)
SIGNED("viem: 244 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"0x8fabb7ddc7e762a703bcfe6d2dad58a21aee6953c95f0461611e54195b26001653453ef8b6546cad9ddfeceafa9c01"
		"2bd69e972d550351b1f74b06e6478347e21b", VALID)
SIGNED("viem: 999 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"0x2933822b89c9065efd377f118f97d398ae8733d5b18d061488c3f6ac3566cb8a192a2476fb8034cb65726a8d018e39"
		"75d177ccee36428160d4ece725a125b8211b", VALID)
SIGNED("viem: 1000 bytes", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"0x7cba47b66bdc470176e9819960f910b0c842b83a6de0cc19e00c18597b5a4db30ad0564a374f368d8f6c5f998c0414"
		"a49719198d92880fc241184a69436d10801b", VALID)
SIGNED("by hand: s is 1", "0x016F3842461c3FBF535dFD08E035e6CF53a63759",
	"made by hand",
	"0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f000000000000000000000000000000"
		"00000000000000000000000000000000011c", VALID)
SIGNED("by hand: s is 2", "0xa3bd67ccB18F86D2E20c4849193D34B831a52a7e",
	"made by hand",
	"0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f000000000000000000000000000000"
		"00000000000000000000000000000000021c", VALID)
SIGNED("by hand: s is half the order less 1", "0x7c819eDC8a3Fb25A2014A3213Ca1e7006275A070",
	"made by hand",
	"0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f7fffffffffffffffffffffffffffff"
		"ff5d576e7357a4501ddfe92f46681b209f1c", VALID)
SIGNED("by hand: s is half the order", "0x08868D0e5e18d0680AF67F5E8D14bD0839b91f5F",
	"made by hand",
	"0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f7fffffffffffffffffffffffffffff"
		"ff5d576e7357a4501ddfe92f46681b20a01c", VALID)
SIGNED("by hand: s is half the order and 1", "0x6a45D4E3F08005EeC80Fb3285D6E47a3de1e4aa5",
	"made by hand",
	"0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80f7fffffffffffffffffffffffffffff"
		"ff5d576e7357a4501ddfe92f46681b20a11c", HIGH_S)
SIGNED("by hand: s is the order less 1", "0x3cB66e47D681336C55A01bb0C0C553A19d874602",
	"made by hand",
	"0xf01d6b9018ab421dd410404cb869072065522bf85734008f105cf385a023a80fffffffffffffffffffffffffffffff"
		"febaaedce6af48a03bbfd25e8cd03641401c", HIGH_S)
SIGNED("by hand: of no key", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"nobody",
	"0xe1fe434d345bf33083abb6280f4f44ac5fb22934977813c20c015f2b43d3fab86bdabef760617b73cbcb55ee36c84b"
		"df18f02769085babe02d3270188d60b7ea1c", OTHER)
SIGNED("by hand: r is of no point", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"nobody",
	"0x0000000000000000000000000000000000000000000000000000000000000005000000000000000000000000000000"
		"00000000000000000000000000000000011b", OTHER)
SIGNED("by hand: r is the order less 1", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396",
	"nobody",
	"0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140000000000000000000000000000000"
		"00000000000000000000000000000000011b", OTHER)
SIGNED("by hand: the smallest r", "0xf58d56AF1b6c22A5A80DFe2Dc4a07f5Bd4FEdfb4",
	"small r",
	"0x0000000000000000000000000000000000000000000000000000000000000001000000000000000000000000000000"
		"00000000000000000000000000000000051b", VALID)
SIGNED("tweetnacl: the text itself", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", VALID)
SIGNED("tweetnacl: beyond ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"4NJFuXurJhRSEfmPfUryipJVo8NMRFah2sfBiRNgnXQBrBpMzbuibVV73ymHp7J5bEHTnE45vFA1ApYuPXnVqeTB", VALID)
SIGNED("tweetnacl: nothing signed", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"",
	"41KnSVbfv18KwejbCUrfCxLesivDWdEQ1qroKRHYugq4ixtcRfY6R9uaCavYVR44685e9B52KZZJVhg9Mt3GfAuR", VALID)
SIGNED("tweetnacl: device, lines of ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"37HDuHrw11y3CqeyZA9cKfwfvuLA35DSEKg81YdbMtDTMvdj5GLW1e1qsoMKEbffWBqyus73TiJtJa2kmt5eRRL5", VALID)
SIGNED("tweetnacl: envelope", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"5xqSv4H1NKRYQDTAjM6ENA6SGePFwtYqHBtSBoLF9EtmoWwLggCZ4XGUkZwoWrPzsirm97JLoGMYhtuiaTwyxCfYZBoXm952"
		"LfRzTxn14G4AWeY1a1opPSPWk3bo44oGbq8cbp8569UxmSDBuyoTJmhe7PE4yKRdhNw1eEvsq8C3UetDTdjuiuqzH972ejgm"
		"Y9kwFvLv6ATxnVPvg2sAAFMgWhJk6k6juhdPgySmufWsjPsv8SuRYXiPyfYWFrvUTyMWK9yrv12bsqABtKZ6seWSXPEGLDuw"
		"ZySds5APLxYfitAzNmrTmcqhhzX8fX7fVCCyVbHaggHrcQ3tpyV49M77HUFghyXswAXtfpHPcgwgVAhSN6J78WyEgWmiAkud"
		"gyJJoNrRjB", VALID)
SIGNED("tweetnacl: another's", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"527dCsFwhPQm2GuAqu8bcpX2megXNSb3vBXwf4jCzdFB2NJF892wFKCQuHq6dXYA44Uev4epk8VvLuXD6BtfL4wg", OTHER)
SIGNED("tweetnacl: CRLF", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\x0D\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\x0D\n\x0D\nSigning moves no "
		"money.\x0D\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", OTHER)
SIGNED("tweetnacl: a blank more", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff ",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", OTHER)
SIGNED("tweetnacl: a zero-width character more", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff\xE2\x80\x8B",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", OTHER)
SIGNED("tweetnacl: hex", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"1aeb227e1fbc7f095592ebb367bb03fdaf1d42576bbf62dbf02c85d0a78d81b33d27bd41dde36813be6ced15afa4a5a0"
		"fec8eea99a5d9bd2c7f513f6b38cd901", CODING)
SIGNED("tweetnacl: hex with 0x", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"0x1aeb227e1fbc7f095592ebb367bb03fdaf1d42576bbf62dbf02c85d0a78d81b33d27bd41dde36813be6ced15afa4a5"
		"a0fec8eea99a5d9bd2c7f513f6b38cd901", CODING)
SIGNED("tweetnacl: base64", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"Gusifh+8fwlVkuuzZ7sD/a8dQldrv2Lb8CyF0KeNgbM9J71B3eNoE75s7RWvpKWg/sjuqZpdm9LH9RP2s4zZAQ==", CODING)
SIGNED("tweetnacl: a blank behind", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc ", CODING)
SIGNED("tweetnacl: a zero-width character within", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2\xE2\x80\x8Bo8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", CODING)
SIGNED("tweetnacl: empty", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"", LENGTH)
SIGNED("tweetnacl: 63 bytes", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"85Bb42P5YDiWFCSvJxZgMmS4K9puxqL5KMgmG9eKjpLVji1rcPzE9RbPiqwpMJzhV8K1qX49kHFqCmVHRr1iXz", LENGTH)
SIGNED("tweetnacl: 65 bytes", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"3NmzyhZh3tvajub3BqCHqYsE7pRhsZ8jHnLkGb6MZVtHZX58qVCQMADZMJfhbjSBsnBVU4DCKBciq6vvy7vBa9mTW", LENGTH)
SIGNED("tweetnacl: a zero byte in front", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"1YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", LENGTH)
SIGNED("tweetnacl: 32 bytes", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN", LENGTH)
SIGNED("tweetnacl: S and the order", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw2cZk1LriTHX3v5hRTQBArCvqQTiUBFuxVZTDW9dBrJe4", RANGE)
SIGNED("tweetnacl: S is the order", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhywFjA6czJ86gjNhhRee2Xmwp6dEoGq4gEHMNwrBpKvqmzf", RANGE)
SIGNED("tweetnacl: S is the order less 1", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhywFfFgyVa3CrEfJ1Jg8XGL3tMPyni4Mj8NmWdxgd1w7yLK", OTHER)
SIGNED("tweetnacl: S is all ones", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhywGx6PPfHz8nsjdxawZugZPLdQUBUEzeN8327vwGeYTkJz", RANGE)
SIGNED("tweetnacl: device, ASCII said to be UTF-8", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"3u9r1Uw2XRsDW2ucsFQB5vJPxERWzXova7ZWcRbjbn7kbshDKSFSzAzkRhuSevCRaxdJPwXGGBsCzwHcj6epPHXy", VALID)
SIGNED("tweetnacl: device, UTF-8", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"5HviVLEsKBGVsMNuz5smhCGZDwDxX3JRHAajEb45o9X2Z7EGzpGLPLf4a3RQWRHd7RE1WwoWbfwMUEX2ckM3oFgf", VALID)
SIGNED("tweetnacl: device, UTF-8 said to be ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"3uicrpQ9xp1m6fDKVUZqtvk59yEeTtoJJU4PW2n1JEkJZf9RjowX25fXStmDJA3ZeoPCVfARKk2wxX6JP8mWzQi", OTHER)
SIGNED("tweetnacl: device, one line", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"one line of ASCII",
	"if7a2ea3pfoZ8CAhFLFugSb1yz5RYwnD3Krjt9bYTPcVHhTViCEzUzkqRULYTdrR6N6YmXckcPAq6riVMsSgUs5", VALID)
SIGNED("tweetnacl: old device, one line", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"one line of ASCII",
	"Np1yxZAtxZGqozt5eCQHuRdkQVFpeeXfoi25n8gsXbymddEMnPk9cxNHsmBVD1RW7qWK5MCs7agqCy8CSRDzCTk", VALID)
SIGNED("tweetnacl: old device, lines", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"5ouFnrM4MzruKShzbxMnQgYq56JNRXuCssRe2pRVrFHrtbWXBgjFaCUtokb13Wma1ZZW1WxPbQi1VdLiV7bDswcu", VALID)
SIGNED("tweetnacl: old device, lines said to be ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"3edPdMZ6GUTTZGwYiMBVm5dekyx9Wh7FRW5zPvNsCfhWgwSYvkSwojuG7Zr8yy6o3WWebAVrFwcXtEDcCPxRG23q", OTHER)
SIGNED("tweetnacl: device, version 1", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"3SZSrKEpYVAZm4EZL3rNq8VxfyjdqzVjeHp5yHCTdzWJmTDUQ5nkHwnE9k3moyc4UUxRTbCpKZNeuBvXL6i7E546", OTHER)
SIGNED("tweetnacl: device, format 2", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"4dD163KTnzG6ySKytKXEmifNkjtyg5PTG5h12ZhdU3WEFmoaAFZWqETwG5ju3sVs12qjYFSWCEhW2aCjVPRjejFJ", OTHER)
SIGNED("tweetnacl: device, another's address", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"4Wm7Za8dx9kovoGxESAChmmUAaMiLPBe8zEHbSRe1RR8qrh6CXxAqmgpXVo4nMDsTX3kvEKgiuJK1qMHWsnZUXZt", OTHER)
SIGNED("tweetnacl: device, two addresses", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"4ch1QJwByx8u63Cp3aBGXDd9JBReDdm7wina4YfQHQtcajXsAgqpiyWSjAU4Tje6iBriUsDnXLF73wiJCkPG5GwR", OTHER)
SIGNED("tweetnacl: device, no address", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"2gzY9RXSr5Kg3KebWSnJUnk9sMxb8J4cX2zbDHZc4LuaGHT98ch5QUHpnxeASM2TNcvhLdBt5XtJuEpmRwCNrYwS", OTHER)
SIGNED("tweetnacl: device, an application", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"3HXjjVhSTFLD1ULVgrabrTRtG68GikG7EhkJjgZjrn2njKL6CzA5381Z178evZdDs6nU6PLuGPrqpAHKwBpVR5ci", OTHER)
SIGNED("tweetnacl: device, another text", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"3cJ66VeeioXzmhgFUP1RFpruTocs1sBN2R1CwRQxSznaDRPGEuG3TPZnuSUu6PMA5RvGeB9VENmxZvapwDBgeJvb", OTHER)
SIGNED("tweetnacl: envelope, UTF-8", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"KAE5VR8BfPPgHmH8VdqxCsRPUdXPt147mNJZrj8FYshq8uK5UJ7wX9DFn1sJoHSCYYcbJsYsV9zCuNhXcc1taXbg5Xr5bhWM"
		"G24VyXXx5rebf3kfkKk5rU6Q1QJiSVpHAPrXnyNCDY3sgCDe5NwcynBkjVPrfBGfKLwsHCC7CrjgFkModWvt644ip8k3H5CN"
		"72HXS8bd2rnesbVMHSLNWdKJSEXmQhqu7LdqrUQmsmS3T5hLojdZwT3MnYXaFxbHXzUur6QtZEsatDCqApNzRzYF27amhcpb"
		"4y2oGerBE1nC4PZoWsE6ZgCe5K8EWV1f", VALID)
SIGNED("tweetnacl: envelope, an application", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"65sidgVUyqafhETVtRsg2gisKRTvCqTfhWSKLEHsSsTCG2zbC5W7dSpYEtFgwKTW2Z9skxFRhwykvcbvfRCrnpTPRhegWL7U"
		"JrWGwHukVb1MUcD31FKD2dDHnwFBjKJbsD19JBQmTYSbEnM7qfidsCQb3bM6N5CcWLXCyuC6pFnBwN1EDtBya8t8UqoQueLh"
		"DpQUh6hdi4QKtF8uXD8JoZAfXxvPPzryEe4MpGJJjY1fccKVdDw4LyREcF5bWrW5NrYVVzPLS3Nf6254VKi5YtusRVN6HGc2"
		"zyCsEtbdiH3w2LPmqRg81nyb3z5WKn24MWxiJVFQEbYJ1w8jzkuqWhEMkMJPxhhhiFUe9dqDW2rC3o7W4fKQXJWgsXf5H8DF"
		"Z6Ta5kFyJD", VALID)
SIGNED("tweetnacl: envelope, format 2", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"71Dcw5xSmNhsVDaQMu1rSrr43vSS8gtBWM9vB7kRh2X6jx9Ck2DE3Fke91AGn2SSbXwnZrdbn1TSPGMNuR6VUXsxE7nJ7RAw"
		"BYJkEWX2VsB7XLiHUG2hESGXW5hdE5SViDR8XArH37K2CUUZdJv56caxqFQsjJz1vc4jrbq7HTs7kdQdfTcC28xxg2p34YLN"
		"ynq9xLGZ775NcghEkQ8qggusExP1ibg1XDHgH11wxWjfDc7pYJjFTkP5jSL4VqJenH4mFhxUptcLBL3HSk1J5vNjpUwvRc1g"
		"zH57Bpsezv4H8ePSDPxzhaYC8X5ryL4UNtV673Jz5YfgQNExyoqURHEGpVgwAQaugLiAGaX2h5rW1mtNU8JUSkByK3huE4UE"
		"AhfoSy2HQh", VALID)
SIGNED("tweetnacl: envelope of an old device", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"JW8WBYPU4RWDnvSaxh1a7AKmg6RqtVdfZ4Jcx9YT4DTCsJLuuyjh8yB39vvTaKASQ1j2v8YGaUmwjCvt6Ea4YKiKbJBoazu1"
		"szVtPjobdNLf7HXzqwENmUDdeuv6bqwWtc6Ws6D51s7yZnraSCUeLYZwLZMKyNtaqMDH1RTRP9en6FXTPqjfYau9uF5x9Vyr"
		"d5yU1gZZmWRhiphi6u6Na7cqQStuX5rb2vYiNJmc5PNV36P6gcjGFsecwbpjS5Wb1hzNCfbD2x3F51iKqVfZtu4Psu4xN7QJ"
		"7eWtgJEpjMjXbNizH", VALID)
SIGNED("tweetnacl: envelope of an old device, one line", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"one line of ASCII",
	"p98nVXP3jMZgPfhfU6KLpizaa5QcPz88EhD7mYH9V4xWxMw4VutLUrk1BfktaTwbDCTxjDMZXkBD2N73Fx61VqWzjvq3ysix"
		"Bbo68a6aEFoAFC5L7Qvxfu8pVtAyhQRDsDAuXomUBz", VALID)
SIGNED("tweetnacl: envelope of an old device, lines said to be ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"EhFyGYjqG8BYV3DkVXhQtLz93YKKNrMF6SRHgVvPwyEZkMWZE9bmCMEQABgLpSEjr3fSnmNrEL4rDRKYk6CBdyQY1QjfLpwD"
		"R76rpHG89EZGFo9AnCcgv4TD5ksWeaCcHwoDEgbQHeoA8xt2yvpPjD7rSs6fVSUrHx5azg7Uj3yvQktWjC7kyzWeMS964aRR"
		"wNwwWbPJWELKYUjkUkvyhug687KvSXiuoktLz8opW5MHUd3uryuzyyHfpF8QvxZowSRNHh4P29MYbPhaDmK558DS5GEs1PK1"
		"WhHnxfpXtSvtEJbRP", ENVELOPE)
SIGNED("tweetnacl: envelope, UTF-8 said to be ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"AyUa8EnXRXwSkVgmCU4U1JwqnrobJLwmJB6c4xhonXf5pxsuE4BQnByHXMoyJP5Bgg5Ffws724EKzgeRnRde559wTNtHp39L"
		"MkabJkpX1R36wGXCQUDTpEibqsFo3BzGFqHy8kv9Zj2KRLj4GkZr7LAEuYscaLmAYEMZfXBeEQD29X1W5Yb8ykBQXbuBQLXn"
		"8GY3o7fVta5rxCgEiL6U71d9hHuW2LjDnUkiXobifnbkp5H3FonJAhziqq8upgHDzmwAHKAgjQm2Je9ZQqtKCQPYC1Gm3sBs"
		"1ToUUZ5ny9p29fir27XwrTBu7dcyoJV3", ENVELOPE)
SIGNED("tweetnacl: envelope, format 3", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"7nxDGiTmaux3EcuNGXnNiwsnYGbBSN9tThpYYHkNeEHew2avqBLDJY3KtzvR8zr1JKen8JeriXQWm3SWwbYWLVhFxjeeFf66"
		"S1bBbuatAULRpzuYvmSusXNgNpNzXPP9QBMjkmiAYUJ8vu4kX4RT7yaTXEU99zLBR3GUS8BnX7iDiTsscocRfjjd4Tq3zpmy"
		"T4rPdExSmtWb1JZ4dr822pcyNgVGJQ4aLCXzJxnP9Tuk1edhLsxJv5WJuUVSBoAwGYFCrZGKzHqs5dVESuYS8imGwk99YSPf"
		"YSQDTpB16Re1tFQgUJicCoJoLr796x75n6iwK9EuRzw4K3fssUHaRP85ch8XscNvBNuhG8N5oE323iPCnNHg9BvqGQc2fNSE"
		"5fYg7wtAHj", ENVELOPE)
SIGNED("tweetnacl: envelope, version 1", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"6C5N9ScwtiE5VBpKpKS27uyfdCd5kUZ3Z9FVGRgbDMrGznNgVzGQn8Z34mzVrKCP69Wdh2vPQvghaLRGkk6g71KNhgYBtcAi"
		"bhMY6TjKpWqkJnuiDsajBWWRA53J7Zjy1cvswxifr9ntgLP3yZeumdRdcZyUmu8xkhQ7FUDRAppGrPu4s14xTQ4naayr4wFD"
		"GbZzhdTjSxABgLHNcg9FW38xpitZxV4wz6QjgpPqHEB3B1ketC2DsZRC8njCyXWyPSTxjGUSKwGEgvaBd8rwA9sZC1T3tCsJ"
		"RdTSnnohj5htZzbtKacuq32Yci5Frmt2pcZPV7Dn3vaywTmfXVFAaFYd5YvFA1Z7H1MTcJCqnryWG87jeHdXAL541Z6i8nnv"
		"6TNrSUebty", ENVELOPE)
SIGNED("tweetnacl: envelope, another's address", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"6vnrpt9BrnWBMKnVcrXam5ivStYnqzJY3fzudQfDivJRWxBPrVLcosXGawMjv9PvvaPEshQpMHUvy9JovvUuuhMYMun4GuKP"
		"uR2UVyrSwQKX8RVPbtb8cYJBaMFFcW384o2oJ5Hpr725wrBah2a5hKAKLCJLXwaPVBnBg9B6AkHUoAC5RDbvawTciTQSSPKD"
		"9DfERCjkewUohdEiXcaZbydnQMz2cCCGGwi9XkVdtoYjt9WkRGZBvndE1jnPYNYVGFkJbNRwRioVrvUh7HeHsq3ixqhbUx5F"
		"yyFwybx1KHKjwDJab6Kd6VX5CE1SHmBCrDpPx9ETgNDGft86DUCcypH9y3jMcXP1pmKGdZmxGUpSmsjCcJF59tu1g9ojYU6p"
		"HmiSygR2BF", ENVELOPE)
SIGNED("tweetnacl: envelope, two addresses", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"2nLXkn3iXwr9HdwPr7TSy5nknD7pcQVBNHE5tiWP892u698fvhKiHm5h5FkYyjueb2tjo5ran4Aypk7gwykP5kagYgGL3Pr2"
		"m45EsUxtcfYChSRKu6WH93N7Dg1yDtf4MkMS8fg2aWacH19Dtb3rXYkYU3edyx2jhuMyW9q5qVV1y6WgCG2kqZWLDy2za4QK"
		"Pnb9qHqZGBHZFUW1JGZ9PvDekfU9wzEuaJofpirua5BFTSMn473esXsu4ULekFXmqXnUviGoNpoXwVhfVZUakcjxR2Q5ZuJL"
		"L5K1CqqvToTvKKAEFubJcoEAP1An5eDAuJQq1NGvuUoNRWQSxv7wSWJN7y86uEKmxYY77Nj1118Lxboyd4iNTEsNyGQ2z3zz"
		"CXDLZUhhr5G9Qm2VJdPiNdCdrRkfUyBdp8ViZ6dQW8zRExiMWmfbZF", ENVELOPE)
SIGNED("tweetnacl: envelope, no address", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"Gjo1AD6ArJLbCGRqmhSCJQ6QjnykRxhKzm2Q2XZUdSytFjBDdcfyhM3VG1WKZZYqFuirQARMUHSJ46N1km8KZaxHAtwJ9Vts"
		"AUWiFtLf9Jk1ohYpY5dGvxocenAKJwYsC9KM8p2QBJKbYxqVNMbRnM6Xkscuh2YzuHpWZgWj1rNcf5wo8AEP6R774BG6SKVL"
		"eY8KePLj7r6djMgJwmFN17PkchmEXyJdqrxVYbzATRB9GFZYzdubj2gPeZAMNkM8EyNp4op81JV4k86mgLHsRi1GAVL3sfQX"
		"cUa2fhFCNqrLWhagU8h8WuYrDWwh8R4VMY9rP6gsNYS458Rv9LCzdZrcHGE8Ym", ENVELOPE)
SIGNED("tweetnacl: envelope, two signatures", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"9UhT5jWsDidRYYkzYyABtwm7GdaFT79AXdTgzVek1KLFUdTV3tEwN7egws89DmSpeunQa6NecbHD5c8KnzdWFWd7rvGAXmez"
		"1W5kGyESLwaBeXbuDspuTV2G8CDzK7dMH8X6iE5tzU8UNQ5X1Zz68SwYcypqpan37tn3oQJrHdd3drX4QnreAS9MaxruGVSe"
		"VWXP17X2CVN3DMAphq8pKzvL2ZnRLMoa94EXc7RtmJcGYsPUjxAwopKALQr9nZdqDYsWFrcpMCu66mVBScX443MPKHWoACAo"
		"NrbtEbJ45QtbDDBhr1jpCmQWXS1CWc7vj4Ss7DYfMEyN4v2PBZp7UwSFaRTduy3E4KR1Y3Wryg2n2mqvTxNvpipRPkHB7FNQ"
		"1Cu3t4jtmb", ENVELOPE)
SIGNED("tweetnacl: envelope, another text", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"QRPk68tkyApK8jeH577y3XCHBuxNmBhebxdq7jvfZXGob8NLYMUCpuCGkqGhE5iphzYgkG7am5sDWmjzp8JexUb7Une6zm3d"
		"NonvU8fwDten1C6qs91rtb3cG7Qhb8tQZn74ey6P5EysKfCMqvPaX9vLXCDH4NFrHTLmpM7d2avqSPrqyzkv7XTUsB5BHyk7"
		"Tux8NQ8n828jKEmLqfieMVQCptzz1Qqy6HN1FVgmadftHG64iBtqjaqKoLyJ6vx4ovxsbLppCdGx6iTdsMAxAzqwsGTSyUtV"
		"WH2SY8xGMfUXa6JUdccJnd2cBkPuPGiQKG1FRwNrZFSfq6UrQGTqmoXLhGnNcNQXKzo53tqUFm9AMRLzHFYHWfWQohfYwHWf"
		"JgKW8Zv316m", ENVELOPE)
SIGNED("tweetnacl: envelope, a length too small", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"5BqB8sjp7YU3Di7P2BEa4rQrBTR5hoVwRQbfLFFnSQSwmUQipg7VjD6S7jz3CT2ieP7ieKDubVzMhyqT4ueL6BQqDvEqR6Q3"
		"HT4TZLVBqsjaXFEnZyWX2JZDD2dC2wiDzPCWNUW8bfAVT82AR49vMfKkoyUVVtEWVP5i1MUU3BWfzBqoJbkuk747bucmzNHm"
		"CxZfqndor8uWx3d4NnpK8sFvbYwhqaReqea9x5JSDw9tZLVLQdjGJoxen2nRSof8XaEzJpLq1ge5rWjGHM7mBZGTURzjpne4"
		"RgajCQjP3DzTZ6HhFwyehi4rnvHV9V8bhpvzhPfwXM7ZoRADM1NKXHtpnC2MWkGbtC5fxGJs5N8cCETVry5koKPh5wmtTVJx"
		"CUycCQkPC9", ENVELOPE)
SIGNED("tweetnacl: envelope, a length too large", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"6QtXp1SXJZ4r731VTLMWqnaYkTgU9KBDJr7yedcPGj4twdBunPPWk6TbLWKW39kPJSEmb3fqNpG3qWP1ZcW3o6x9R5FE3BqE"
		"eeMi5sEqhumFUi1oHCRQXoEFEje6i5WVy6q2QwHa6pSjoVnk2w7aJZSDU4XMbb8FafoN5MvVwddKHZzQZ6BDGBFwbbx4ZJzi"
		"6QxpJcfSyJZ3v4LwEk7URG9f1h1LfhWBQ9ChNrmfbeeuCzRUyzsgfLDju3L8rXDbER6Huvxqq77vCL6Sx9x2uGQb2a9uWGHV"
		"tEmmCSfTfDBepZwMG8ActgvxCCVvMttHKenTzTKnDrGusjDDktHVzdSECNqZPFNU8bAm5PhRxgV3y8qWJw4W3c5KatfZVuud"
		"BwxGZaEirq", ENVELOPE)
SIGNED("tweetnacl: envelope signed by another", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"52abyeBwq7eYqxFtWTXe53ZwWVTBLidjxkknRPAmyeeU7Mo9QXqVq8N9HK675Pt4BcNdSDPyfcWFYNqyUCymUPpYrz5DWaYt"
		"drccD9TZpvgy82kC9WRWnKUcEmyuMagybkZqXEdrPY7xsRaWo8cywyapsdRXxqtUTEuGgido4f9bPzwPoipJd66GF6bzFuLR"
		"4WkJ8EA8qhnja9138zxSqDF9rhP7xmpCzpemxepXQECR75jujGsnscPUTTCSwAMwyKHjrHZec1poYDpL5RoLvyGgvEAp37M8"
		"1aRqBH49fUUthYmi6QsjRsEXjPqRFCtUf9yqjiA4TggiLqZkF2EXJrVS8aAXwtd4YEcXQGR1iKWYLV7dRZZ5MpsPqmuHqRzQ"
		"HGxQUob43w", OTHER)
SIGNED("tweetnacl: envelope around a signature over the text itself", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"4tJJU8rJ7vy7dnUEAkYeuSZFtfhYzfWyBwjmMWse2YXM4XiD7Qip2f1A5bxoR2cnt36SMMzT9Mj8vBYwpcwQi67ywMgPgHYn"
		"b9meeCNtcZVraDxAy7ekNp1oZFiuuEoe7Z4JP8R6L4a4JYzw7ekHf5Ks4m2sVPJC1uq1AHrXyoJbwb9i5VeRSiHuZhDZ8xHB"
		"YaXQgBAwJPot1gFGSmUcG7cmsRZkRy54ZQUUgQZVryvocZ6qY4DWKEu9KSikGgAybqWNe5jR5deY5Y2mJSMmMREtuvz7gVmF"
		"DKZaUAqNuT1sQrqjy5N2a4cf5k9qp3T1J4bAHpXJjQRhUAKwguaBkgjAP4UoCAHmoZF8ZatQ1BGMRYxUJVXsBzd1eexqtCLX"
		"Cn9PqHGVWD", OTHER)
SIGNED("tweetnacl: not UTF-8", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\xC3(",
	"4Pisjcj2fNjkq2vEbWs5W8Yh4hMNf2G5kfC4R3bUqsqniLZuws2UCheCkN512ZqRDoBoQwffuhewKgwuHcLK4H5WfA17BKPU"
		"SwCQZHPmBUd6X64WYTJmaTWoQa7TpCQyQLAFNSNsrULXhLTgHtown6ndsJyNRvWfJ4GZTBxeGWiHnYdXhQ44wEeD4fgUkWJj"
		"u9RwLRnS7AaLsoD", ENVELOPE)
SIGNED("tweetnacl: an off-chain message for the text", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\xFFsolana offchain\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x8B\x00kycd KYC ve"
		"rification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no money.\nNonce: "
		"00112233445566778899aabbccddeeff",
	"37HDuHrw11y3CqeyZA9cKfwfvuLA35DSEKg81YdbMtDTMvdj5GLW1e1qsoMKEbffWBqyus73TiJtJa2kmt5eRRL5", ENVELOPE)
SIGNED("tweetnacl: device, as much as fits", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"HKsBgSzDR8SXykhpyyTnWGrJPEYt1aw9ZqceuXJEo79x4JBpyb7Smtv2ssJkJ99RJbV4qF7hXke7WXRYsDFFbMp", VALID)
SIGNED("tweetnacl: device, a byte too much", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"66b59aXhR7DafQb2U1qjcB1X9CxbG9VqzGJqM2nnvQEVCa1CXu3ZTm1d6MCvkLZ1iZjCSY32he58mtpooodhPJ8R", OTHER)
SIGNED("tweetnacl: envelope, as much as fits", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"ge53LAQ9qHphpEx6XUJd3x75rzgiCVCNj6Khz1PyBw9dWA4HUuTGjZDdWmsCfFNftXrsid2VboY7RFoak5BKK1wkdfzRRohS"
		"aUv7eg4ZusXUrR4CygLHAfGxGkFmDDTpjNUuYbv2MqqxdSNGGvMRAyu88S36TwaJca3a6vuw2De3HF8QW1TaU8ZMnn54zqo9"
		"TgJX2c5MKUEmjZ2oJNgChT8TnzfJpN21qYvG8j8CirdMQCTEN1iz7xG8XuFmTPFchzwkLgoEb8V44roSEd3R6JDJtspmfCLT"
		"vDimhhy96M6NxwcxUvHuB34LiKLSLtnN9M86khAi7AeuWyEKM4XMrD8hCjVkx4aDtdfTs23ntEgptzcPcTpn2S9ytKEosBS7"
		"nkrKVNRMMQaetX73afSVaci1uzahTkhCy2gVyitf2ai6PhbfhGsTWec6B12vMs8Y5rfeLw1GDixcUWtaxu2PfLeGrjVyM3oZ"
		"zeeFF6EvqagADMtPeMrZbfHcCNpvurdnnHQa3nTwSCzNPA32RNZZJduQCXg9swdB9EAC1y2JjVQjY8u8M6Zu9LssRxxAVL8d"
		"groJ9omy4CX9DSsHU23puQZfceVWyZsFDK8wcZBwmfvWBxeNeVjTX8fiqeqMfeT6VEKQfnfwuW8SVW8VQWrpfhLVqtxSzwSj"
		"LJ3TniSgDahqMwum1TXg5FkCeum4tRVspZC8UKiMLoGDZCMAkNXnCcESvEnmS1nmdmq7cVAPV49JYEjPT1BjtgoqLhQxD9gv"
		"LWqzDKaRpjPN3v2rpbNJron34Nwm2hCaXZvxFG8FqEogtkwe611i8y971VTdRH7pJz7Dnib6CmxScVZQWcSeuuAeQvPFAQEj"
		"TfX1UPphTVveuy9w8pybmmeP1hHnvy81JepZFk9QrvQwQgA96omJ91BaXc4y2mnRnvWKun3ZSCSZeuJti8AraQt33rwicTx5"
		"jeMzZfKFKVAstvhY3mnR3p4qtpZT2smqJGZwWLvtRn9szerQf1ffGyc6CE3CBtv492qNps7NjBHjujpZVvwXHjxtwGprJTzW"
		"MUoRwQ2Zb9KXk5VvbNS99WAes16woyK7bDKjuvADHPZzJfczRZrT44uExTbXjT52WxVpst9kEVbYSQPtjfszXXe3anTxyP9t"
		"uNjKPKT1G6r5ZqU31DB2NdMc8YU7UNoaVVRTdHHKarqs2JU48nArKh5Sdsnder9byhSHbkCyDgmz2JTFvjU4aZDwrEzp1yzP"
		"vTowctozydx5bRbegE3j8M2ajx8mk8wL3e81YZwjbhgkrwLqRPBKsiAMqx9X1JUex2nBeUyTBvNtydbrVzkM7DKGMpUmNwok"
		"FenM1GduDYjrsduDPYsFoMNgnkNsuNr1RNA7REahDbYCvnHgREp4xPfqtP98MtQxdo141QdGVCeys5zCSoCKP8pMHrdrfmaX"
		"cKXMTwPbqtSeCThtgnUG77rXFvGtqbCpfPkHNHsqqoX1Ab7W3m9H1pAcmAUM2uRhZY5bMGpeh8WWXzfCq6LQUB117dgbns8y"
		"Ucd85M7WssFpyDNU83rBMK9nHvJY1Z4SxexFZBsBe3pa9MzaztibxA1mokjKTwA9gHJERiGw4VjtWKrmsrhBiYtNPCb136ZU"
		"58MSyori6kCEraTmprrBtzUPagStTvZAZAEK64s2cBCD8KFBz2sKaw4vbeukYdnNDANFRfsRrU6EQE7rd86m6STRgDZPhmYe"
		"uDUJcC6WQD8t29UJZvSr9ta3cuHYjYmYLfsTDUeFPD", VALID)
SIGNED("tweetnacl: old device, as much as fits", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"1dsSPyQMNRDuyAgdUGgBXYje9KK8XqBY73zU8QgR3SjwSSPLZNWrEsEGEiqJWchNhKZzHByzbGYqLzFp2ZKndvB", VALID)
SIGNED("tweetnacl: old device, a byte too much", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	"5SuqheEnFzQ96t3mcSLxFW8ajx5cG6UJW6ucwdFWKChTkwVPrbPaYMXaD875cVoJMbqDX8XkADRdQnRnWZ9Vaurr", OTHER)
SIGNED("tweetnacl: transaction, legacy", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00",
	"5GLVJnhiDvHsbdPDY798waT2jCjUAmzmQMZmwub3VmdHXrLXBUtQSLr6bLw3ekpvnEGgeu1t2b7cuScYSiMSFdEC", TRANSACTION)
SIGNED("tweetnacl: transaction, legacy, as an off-chain message", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00",
	"Abtvx5vcndbZyt28LLz3teh4whbo2aq3wrNaatVYdvdk9SMJceCebzqXAsjpRWD7GEoPes58aMkwHRfQwrwvMbz", TRANSACTION)
SIGNED("tweetnacl: transaction, legacy, as an envelope", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00",
	"7kYnMkiqXy2MuCwYSvsEgVYXHaKwvRALcXQiAejFgELEwYw2uWocSy7LLQttSPghm2Z2A55itJJ46LRbebcVcXRFcRgJDAeH"
		"zoaFiUBxDrU5ovbtm4C1eCB897QtKgGeKae4BL8qBvftXdi2hKHSqjyaLNa8v7U19mrDmVKanSVNa61tzCLvP1c1M3VXuQLC"
		"TZPEsyMXR6FEQYSVXkD1dvY5GLJztigNzi2LAzbtX77ifsviePDGBTSMWzHAfEp4iX6sBySb2wmmm9YZuw6GasaESwU4zdEi"
		"xJkmSsE5TnmtobSpbDVcdoxUT4xk5uhHLo7fLuyWzqV5cbgMc8nniWDaM4G98AWTMoy1S2uaobVhrzGJrHboFfzUh1U6SS1S"
		"MJxmgRgoQjhWFkr6Ch6cMnTqH", TRANSACTION)
SIGNED("tweetnacl: transaction, version 0", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x80\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00\x00",
	"5zfor5UV5QpXmGo1zCHzMXWrFjNfbZK8DFUjzMASwLk2RS3BmE2m8Xg7AranUicxeaBuEkJPRbb6oHZ1xbXfBjGE", TRANSACTION)
SIGNED("tweetnacl: transaction, version 0, as an off-chain message", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x80\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00\x00",
	"5fvNboEn3BGzWktLTVp2XdyB38joKJ2gLeccH4favmTptq3HmXZg1HeRfWij8DEBAGziy6DnUkpx4SVTiZTFr3ww", TRANSACTION)
SIGNED("tweetnacl: transaction, version 0, as an envelope", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x80\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00\x00",
	"2NqEq8Ek5mt13feumakHCTqTxZKymG2R3qUxc3Eo36uGDQ2BsThjzvcGytKeuweT9zYjbYiaDUH9zcGg88aJ6x1zS23JoqEv"
		"UtXDmrPnwEZgA7gfp7nAM6pvjVUZqYY4iWMFPErLeVkPJ31BTVYxemwwK4CcodMXuDMPiaa7C9GhF9Ls6HyU6ggPTiTHXB9M"
		"jdzBmU3j2SFiF7oR1XUXmiw3LntNygfTsEfJkoiMywiayCVWsTCrSY4SCzZqYViZkkN9e5iMHhV4HMWF4MDGvVN2Fwo68C6P"
		"uNqSxsy3kZpcMi9MXvKHqPgfqPrTTikGMxnbnqtMw1XWvYRYJLsFmpoqCpcFCqCGx2FBmG8yoVkSaBN9VwTdZZbMeGykvaLN"
		"jvWom4EHB3SD6u3bnxrs6yBJdYAj", TRANSACTION)
SIGNED("tweetnacl: transaction, version 0 with a table", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x80\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00\x01\x0DO\xC4\xA7\x8D" "7\x06\xED\xCC\xAF\xB6" "e\xA8\xB2\xFD\xD9" "0\x9E\x82\xC7\x86%\xBB\x0F+\x8E{\xB9\xE1\xC4\xD2\x1C\x01\x00\x02\x01\x02",
	"4gWPnVccFEsKwLMHmctfuTAhKfYodPsGUJFiH5Fwday2269r8RQRiDpMjtJoR2MnuYvBCYB9uwVC9VjHTUvtytmP", TRANSACTION)
SIGNED("tweetnacl: transaction, version 0 with a table, as an off-chain message", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x80\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00\x01\x0DO\xC4\xA7\x8D" "7\x06\xED\xCC\xAF\xB6" "e\xA8\xB2\xFD\xD9" "0\x9E\x82\xC7\x86%\xBB\x0F+\x8E{\xB9\xE1\xC4\xD2\x1C\x01\x00\x02\x01\x02",
	"4JZ8b3e4A42mX6GfwBejHFkFXMB6dnPaJPJjTrLcuz5kBPYHmCQstRJDnrSDJ4BaN8275cFNxxYsKf9oM5qpiVDA", TRANSACTION)
SIGNED("tweetnacl: transaction, version 0 with a table, as an envelope", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"\x80\x01\x00\x01\x03g\xEF\x9F\x04\xF7\xC4\xC5\x19\x0D\xD4vt\x9AG\x89\x0E\xB7`\x0D\x1D\x19" "d/I\xCB\x99U\x18\xA9S\x86\xB7\x1D\xB6\xB9\xE6_\xEB\xCCs9cV\xD0\xD8#\x87\x13\x88" "E,TH\x14\xEBt\xE0\xE2\x09\xA9W\xC4\xC9\xE6\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00\x00\x00" "9[\xF7'\xF9\xAA\xC5\xE8\x09\x11Y\x10s\xFC\xF9\xC8&\xF4(\x80" "A1\xCA\x08\x9B\xEB\xA3\x86\x94!t\x9A\x01\x02\x02\x00\x01\x0C\x02\x00\x00\x00\x00\xCA\x9A;\x00\x00\x00\x00\x01\x0DO\xC4\xA7\x8D" "7\x06\xED\xCC\xAF\xB6" "e\xA8\xB2\xFD\xD9" "0\x9E\x82\xC7\x86%\xBB\x0F+\x8E{\xB9\xE1\xC4\xD2\x1C\x01\x00\x02\x01\x02",
	"D2kMgk7QLNrKDcVfbriVFUn55x4bHaiv4ETLbzQeZMJmoieNZsnPGAPEcmQ6zeBgVeUg1x6K8uGeFyCQbJE3GwygixesX1U7"
		"Gvc5CG7MLKvUAhjV7bBocCzmDWeyyByzXZjAvZFqCJJoNXCxCD3yWVo94KiAgshbkKWHdPc7p2VoYTQeWDv9JND6RguxEmDh"
		"eKE3LaDWuyd2mNqK4AwDFxmkPd8QD7H3Cje31oey4RrSu84ARf1qWE2bfiN5f23aDY2pPgzFwAGWKeRez793ce8bfqBazqQr"
		"GHdQcfPJubC4JPTPW2wwYf6fa7yymgiw5Ttnc13ZXDqEqHNXLYMY39JkXAxGyrpTmD2Kre2g7QhNxeYVoE7D6sQsMss97vTc"
		"HPC3ezDETEgFwA8vSQTfd4iJQVjsQdfeyfDX4ARZUnjghV6NDt562DmFVGmb9j6LQrFxF8D8QDGjkd", TRANSACTION)
SIGNED("noble: the text itself", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"YDTjJM6T2o8C5fXQJGFEif7bd7xUmSKC42JWMs9jhyw3qW2myETb2BYoHh2wzeRfh9GWh9euc2kTkwMqWfLAKkc", VALID)
SIGNED("noble: beyond ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"V\xC3\xA9rification \xD0\x9A\xD0\xA3\xD0\xA1 \xE9\xAA\x8C\xE8\xAF\x81 \xF0\x9F\xAA\xAA\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"4NJFuXurJhRSEfmPfUryipJVo8NMRFah2sfBiRNgnXQBrBpMzbuibVV73ymHp7J5bEHTnE45vFA1ApYuPXnVqeTB", VALID)
SIGNED("noble: nothing signed", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"",
	"41KnSVbfv18KwejbCUrfCxLesivDWdEQ1qroKRHYugq4ixtcRfY6R9uaCavYVR44685e9B52KZZJVhg9Mt3GfAuR", VALID)
SIGNED("noble: device, lines of ASCII", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"37HDuHrw11y3CqeyZA9cKfwfvuLA35DSEKg81YdbMtDTMvdj5GLW1e1qsoMKEbffWBqyus73TiJtJa2kmt5eRRL5", VALID)
SIGNED("noble: envelope", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"kycd KYC verification\nWallet: 7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\n\nSigning moves no mon"
		"ey.\nNonce: 00112233445566778899aabbccddeeff",
	"5xqSv4H1NKRYQDTAjM6ENA6SGePFwtYqHBtSBoLF9EtmoWwLggCZ4XGUkZwoWrPzsirm97JLoGMYhtuiaTwyxCfYZBoXm952"
		"LfRzTxn14G4AWeY1a1opPSPWk3bo44oGbq8cbp8569UxmSDBuyoTJmhe7PE4yKRdhNw1eEvsq8C3UetDTdjuiuqzH972ejgm"
		"Y9kwFvLv6ATxnVPvg2sAAFMgWhJk6k6juhdPgySmufWsjPsv8SuRYXiPyfYWFrvUTyMWK9yrv12bsqABtKZ6seWSXPEGLDuw"
		"ZySds5APLxYfitAzNmrTmcqhhzX8fX7fVCCyVbHaggHrcQ3tpyV49M77HUFghyXswAXtfpHPcgwgVAhSN6J78WyEgWmiAkud"
		"gyJJoNrRjB", VALID)
SIGNED("key the neutral point", "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key the neutral point, R the key", "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 2", "Gx9dDNxzpALCowVuZb7pBceBLJugLA8sPa6TJDXrpfeW",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 2, R the key", "Gx9dDNxzpALCowVuZb7pBceBLJugLA8sPa6TJDXrpfeW",
	"any text",
	"5jpwaJnERa8Gr1ChgrNYnmxm2EtZ4KHC5bW1ZLL7LCY1bUV9gFWFAGjpJaPDCawmFzguqGBgYDyeocpEsKWeYDM1", OTHER)
SIGNED("key of order 4", "11111111111111111111111111111113D",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 4, R the key", "11111111111111111111111111111113D",
	"any text",
	"1111111111111111111111111111111f2PYSXyDnd3PN1ZEU5TiwmFfkzDNNMe36uX6dAufF6vWK", OTHER)
SIGNED("key of order 8", "3ctC68zTqpRDQShoondiQKDHwZDAUjRyxiPNdg8cD6Pe",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 8, R the key", "3ctC68zTqpRDQShoondiQKDHwZDAUjRyxiPNdg8cD6Pe",
	"any text",
	"n7sqArmLCdcVFmXc2fFQD8TWpLUQYmkTeobm9LcPYFLBP1LzAripMfrby142gXA4hMiyxNnT6w4cJnyjLF8c3BD", OTHER)
SIGNED("key of order 8, other x", "3ctC68zTqpRDQShoondiQKDHwZDAUjRyxiPNdg8cD6Rr",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 8, other x, R the key", "3ctC68zTqpRDQShoondiQKDHwZDAUjRyxiPNdg8cD6Rr",
	"any text",
	"n7sqArmLCdcVFmXc2fFQD8TWpLUQYmkTeobm9LcPYFzCmYnX95WSQ4DcXEX79F6px2UyAk9ojyAWptbuEuNhxgX", OTHER)
SIGNED("key of order 8, other y", "EQAqmjhcsBQhpBv5GJkYgEB7emGHZNoo1j1yAjiFLNvD",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 8, other y, R the key", "EQAqmjhcsBQhpBv5GJkYgEB7emGHZNoo1j1yAjiFLNvD",
	"any text",
	"4ysKf8zpTmPpUorwYupGKbjfVhGuGGTpSvs5Tza7DADQg17qtGRBRx7cs8HsZ43YXSXEqM1CoPj1dZkZodW86GaK", OTHER)
SIGNED("key of order 8, other both", "EQAqmjhcsBQhpBv5GJkYgEB7emGHZNoo1j1yAjiFLNxR",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 8, other both, R the key", "EQAqmjhcsBQhpBv5GJkYgEB7emGHZNoo1j1yAjiFLNxR",
	"any text",
	"4ysKf8zpTmPpUorwYupGKbjfVhGuGGTpSvs5Tza7DAE4hPfHREdy3zVysgXLdWmVHhBzpZNaA2m7Y5rByYANCC5d", OTHER)
SIGNED("key the neutral point with a sign", "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziohZ",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key the neutral point with a sign, R the key", "4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziohZ",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVwPHJBUj9zSi5S2B59BTcLt6ProyFZg4uiXLmpvqYtrG1uq", OTHER)
SIGNED("key the neutral point above p", "H5xSWNRAbqKddKjrabehyU8drL3Dk4LgZJiEJc9rGGyC",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key the neutral point above p, R the key", "H5xSWNRAbqKddKjrabehyU8drL3Dk4LgZJiEJc9rGGyC",
	"any text",
	"5n9TQJvwAMvb684Ed2aUeqmUznLCHKBwjZqLtwVKsCPU7HmE4d3ZLLq8dcCdxtBdvH51oLaHxmLVg8GrCbyrrQA3", OTHER)
SIGNED("key the neutral point above p with a sign", "H5xSWNRAbqKddKjrabehyU8drL3Dk4LgZJiEJc9rGH1Q",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key the neutral point above p with a sign, R the key", "H5xSWNRAbqKddKjrabehyU8drL3Dk4LgZJiEJc9rGH1Q",
	"any text",
	"5n9TQJvwAMvb684Ed2aUeqmUznLCHKBwjZqLtwVKsCQ88gJfbbGLxPDVeAS73LuagXjmnYwfKQNbaeNUNWe6xKfM", OTHER)
SIGNED("key of order 2 with a sign", "Gx9dDNxzpALCowVuZb7pBceBLJugLA8sPa6TJDXrpfgi",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 2 with a sign, R the key", "Gx9dDNxzpALCowVuZb7pBceBLJugLA8sPa6TJDXrpfgi",
	"any text",
	"5jpwaJnERa8Gr1ChgrNYnmxm2EtZ4KHC5bW1ZLL7LCYfcs2bDDj2nK8BK8cgH3fi2FMfpUZ3ts1ki8us3EAte8rK", OTHER)
SIGNED("key of order 4 above p", "H242rsh5hzpvDdct56PG5YPQbKUT37EmySQLoQqrYUJr",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 4 above p, R the key", "H242rsh5hzpvDdct56PG5YPQbKUT37EmySQLoQqrYUJr",
	"any text",
	"5kzCVJrany2Ry4dU9wUWios81WcNfpEZuafgE8uibhTjrP8BsSGuFJnUU6HvajZhb8sxpJNzFVf5EsYYXxkFhJkX", OTHER)
SIGNED("key of order 4 above p with a sign", "H242rsh5hzpvDdct56PG5YPQbKUT37EmySQLoQqrYUM4",
	"any text",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjFue3CBmf633fAWuiP9cwL9C3z3CJiGgRSFjJfeEcA6QX", OTHER)
SIGNED("key of order 4 above p with a sign, R the key", "H242rsh5hzpvDdct56PG5YPQbKUT37EmySQLoQqrYUM4",
	"any text",
	"5kzCVJrany2Ry4dU9wUWios81WcNfpEZuafgE8uibhUPsmfdQQVgsMAqUeXPfCHeMPYioWkMc8hB9PeAhsQVoEFq", OTHER)
SIGNED("R the neutral point", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"small R",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVvjYPqe1UUwzu3mFaGeaLjAYtLixv4r2kYVoxkuN7tns1GY", OTHER)
SIGNED("R the neutral point above p", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"small R",
	"5n9TQJvwAMvb684Ed2aUeqmUznLCHKBwjZqLtwVKsCPU7aPHLN7CQpsX6CFY1Auzuc5HdoBb4PrJqnbR8j343ZN7", OTHER)
SIGNED("R the neutral point with a sign", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN",
	"small R",
	"2AFv15MNPuA84RmU66xw2uMzGipcVxNpzAffoacGVwPHti5i4XRDD8AzDL5eUiSSy73gy5Kr7Bt66FyL2V5f5PA", OTHER)
#endif
#ifdef ADDRESS
ADDRESS("evm: lower case", "0xd4efe18fada0ab4196580d759eb4da426cdb4396", VALID, "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396", "0xD4Ef…4396")
ADDRESS("evm: upper case", "0xD4EFE18FADA0AB4196580D759EB4DA426CDB4396", VALID, "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396", "0xD4Ef…4396")
ADDRESS("evm: upper case with its X", "0XD4EFE18FADA0AB4196580D759EB4DA426CDB4396", VALID, "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396", "0xD4Ef…4396")
ADDRESS("evm: checksum", "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396", VALID, "0xD4Efe18faDa0ab4196580d759EB4DA426cdb4396", "0xD4Ef…4396")
ADDRESS("evm: letter 2 of another case", "0xd4Efe18faDa0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 4 of another case", "0xD4efe18faDa0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 5 of another case", "0xD4EFe18faDa0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 6 of another case", "0xD4EfE18faDa0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 9 of another case", "0xD4Efe18FaDa0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 10 of another case", "0xD4Efe18fADa0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 11 of another case", "0xD4Efe18fada0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 12 of another case", "0xD4Efe18faDA0ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 14 of another case", "0xD4Efe18faDa0Ab4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 15 of another case", "0xD4Efe18faDa0aB4196580d759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 23 of another case", "0xD4Efe18faDa0ab4196580D759EB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 27 of another case", "0xD4Efe18faDa0ab4196580d759eB4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 28 of another case", "0xD4Efe18faDa0ab4196580d759Eb4DA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 30 of another case", "0xD4Efe18faDa0ab4196580d759EB4dA426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 31 of another case", "0xD4Efe18faDa0ab4196580d759EB4Da426cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 35 of another case", "0xD4Efe18faDa0ab4196580d759EB4DA426Cdb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 36 of another case", "0xD4Efe18faDa0ab4196580d759EB4DA426cDb4396", CHECKSUM, "", "")
ADDRESS("evm: letter 37 of another case", "0xD4Efe18faDa0ab4196580d759EB4DA426cdB4396", CHECKSUM, "", "")
ADDRESS("another: lower case", "0xce827e81fea055139b0c98b6548154395bff4c7f", VALID, "0xcE827E81feA055139B0C98B6548154395bFF4c7f", "0xcE82…4c7f")
ADDRESS("another: upper case", "0xCE827E81FEA055139B0C98B6548154395BFF4C7F", VALID, "0xcE827E81feA055139B0C98B6548154395bFF4c7f", "0xcE82…4c7f")
ADDRESS("another: upper case with its X", "0XCE827E81FEA055139B0C98B6548154395BFF4C7F", VALID, "0xcE827E81feA055139B0C98B6548154395bFF4c7f", "0xcE82…4c7f")
ADDRESS("another: checksum", "0xcE827E81feA055139B0C98B6548154395bFF4c7f", VALID, "0xcE827E81feA055139B0C98B6548154395bFF4c7f", "0xcE82…4c7f")
ADDRESS("another: letter 2 of another case", "0xCE827E81feA055139B0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 3 of another case", "0xce827E81feA055139B0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 7 of another case", "0xcE827e81feA055139B0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 10 of another case", "0xcE827E81FeA055139B0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 11 of another case", "0xcE827E81fEA055139B0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 12 of another case", "0xcE827E81fea055139B0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 19 of another case", "0xcE827E81feA055139b0C98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 21 of another case", "0xcE827E81feA055139B0c98B6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 24 of another case", "0xcE827E81feA055139B0C98b6548154395bFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 35 of another case", "0xcE827E81feA055139B0C98B6548154395BFF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 36 of another case", "0xcE827E81feA055139B0C98B6548154395bfF4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 37 of another case", "0xcE827E81feA055139B0C98B6548154395bFf4c7f", CHECKSUM, "", "")
ADDRESS("another: letter 39 of another case", "0xcE827E81feA055139B0C98B6548154395bFF4C7f", CHECKSUM, "", "")
ADDRESS("another: letter 41 of another case", "0xcE827E81feA055139B0C98B6548154395bFF4c7F", CHECKSUM, "", "")
ADDRESS("third: lower case", "0xcfdacb02a7e47ac2d5881dacce1651a60600ba5d", VALID, "0xcfdACB02a7e47AC2D5881DACcE1651A60600BA5D", "0xcfdA…BA5D")
ADDRESS("third: upper case", "0xCFDACB02A7E47AC2D5881DACCE1651A60600BA5D", VALID, "0xcfdACB02a7e47AC2D5881DACcE1651A60600BA5D", "0xcfdA…BA5D")
ADDRESS("third: upper case with its X", "0XCFDACB02A7E47AC2D5881DACCE1651A60600BA5D", VALID, "0xcfdACB02a7e47AC2D5881DACcE1651A60600BA5D", "0xcfdA…BA5D")
ADDRESS("third: checksum", "0xcfdACB02a7e47AC2D5881DACcE1651A60600BA5D", VALID, "0xcfdACB02a7e47AC2D5881DACcE1651A60600BA5D", "0xcfdA…BA5D")
ADDRESS("third: letter 2 of another case", "0xCfdACB02a7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 3 of another case", "0xcFdACB02a7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 4 of another case", "0xcfDACB02a7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 5 of another case", "0xcfdaCB02a7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 6 of another case", "0xcfdAcB02a7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 7 of another case", "0xcfdACb02a7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 10 of another case", "0xcfdACB02A7e47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 12 of another case", "0xcfdACB02a7E47AC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 15 of another case", "0xcfdACB02a7e47aC2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 16 of another case", "0xcfdACB02a7e47Ac2D5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 18 of another case", "0xcfdACB02a7e47AC2d5881DACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 23 of another case", "0xcfdACB02a7e47AC2D5881dACcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 24 of another case", "0xcfdACB02a7e47AC2D5881DaCcE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 25 of another case", "0xcfdACB02a7e47AC2D5881DAccE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 26 of another case", "0xcfdACB02a7e47AC2D5881DACCE1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 27 of another case", "0xcfdACB02a7e47AC2D5881DACce1651A60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 32 of another case", "0xcfdACB02a7e47AC2D5881DACcE1651a60600BA5D", CHECKSUM, "", "")
ADDRESS("third: letter 38 of another case", "0xcfdACB02a7e47AC2D5881DACcE1651A60600bA5D", CHECKSUM, "", "")
ADDRESS("third: letter 39 of another case", "0xcfdACB02a7e47AC2D5881DACcE1651A60600Ba5D", CHECKSUM, "", "")
ADDRESS("third: letter 41 of another case", "0xcfdACB02a7e47AC2D5881DACcE1651A60600BA5d", CHECKSUM, "", "")
ADDRESS("fourth: lower case", "0xd14296258b22742e5ade7b37b00ee75087fc07ef", VALID, "0xD14296258b22742E5aDe7b37B00EE75087fc07EF", "0xD142…07EF")
ADDRESS("fourth: upper case", "0xD14296258B22742E5ADE7B37B00EE75087FC07EF", VALID, "0xD14296258b22742E5aDe7b37B00EE75087fc07EF", "0xD142…07EF")
ADDRESS("fourth: upper case with its X", "0XD14296258B22742E5ADE7B37B00EE75087FC07EF", VALID, "0xD14296258b22742E5aDe7b37B00EE75087fc07EF", "0xD142…07EF")
ADDRESS("fourth: checksum", "0xD14296258b22742E5aDe7b37B00EE75087fc07EF", VALID, "0xD14296258b22742E5aDe7b37B00EE75087fc07EF", "0xD142…07EF")
ADDRESS("fourth: letter 2 of another case", "0xd14296258b22742E5aDe7b37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 11 of another case", "0xD14296258B22742E5aDe7b37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 17 of another case", "0xD14296258b22742e5aDe7b37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 19 of another case", "0xD14296258b22742E5ADe7b37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 20 of another case", "0xD14296258b22742E5ade7b37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 21 of another case", "0xD14296258b22742E5aDE7b37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 23 of another case", "0xD14296258b22742E5aDe7B37B00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 26 of another case", "0xD14296258b22742E5aDe7b37b00EE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 29 of another case", "0xD14296258b22742E5aDe7b37B00eE75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 30 of another case", "0xD14296258b22742E5aDe7b37B00Ee75087fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 36 of another case", "0xD14296258b22742E5aDe7b37B00EE75087Fc07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 37 of another case", "0xD14296258b22742E5aDe7b37B00EE75087fC07EF", CHECKSUM, "", "")
ADDRESS("fourth: letter 40 of another case", "0xD14296258b22742E5aDe7b37B00EE75087fc07eF", CHECKSUM, "", "")
ADDRESS("fourth: letter 41 of another case", "0xD14296258b22742E5aDe7b37B00EE75087fc07Ef", CHECKSUM, "", "")
ADDRESS("solana: Solana", "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN", VALID, "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN", "7ziv…WEQN")
ADDRESS("solana: Solana with blanks around", " \x09" "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN\x0D\n", VALID, "7ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN", "7ziv…WEQN")
ADDRESS("solana: Solana, a 1 more", "17ziv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN", LENGTH, "", "")
ADDRESS("solana: Solana, 42 letters", "iv5DYyECE63By1dasmY6fFAV9HhfmWt8nsjWJtWEQN", LENGTH, "", "")
ADDRESS("solana: 31 bytes", "4evVCpHB5EYxwafEcSnKethWUwtypH8jo2QtRMPGNJr", LENGTH, "", "")
ADDRESS("solana: 33 bytes", "Xsn1FcQ7BEYmEfQDnUX5aFyoWsDaiW7UthPUvcMxL2A7r", LENGTH, "", "")
ADDRESS("another: Solana", "2zzRn4Q4YpTpxK99cUDcWP5Y1wNSAWzmkJ5BosK1s3PK", VALID, "2zzRn4Q4YpTpxK99cUDcWP5Y1wNSAWzmkJ5BosK1s3PK", "2zzR…s3PK")
ADDRESS("another: Solana with blanks around", " \x09" "2zzRn4Q4YpTpxK99cUDcWP5Y1wNSAWzmkJ5BosK1s3PK\x0D\n", VALID, "2zzRn4Q4YpTpxK99cUDcWP5Y1wNSAWzmkJ5BosK1s3PK", "2zzR…s3PK")
ADDRESS("another: Solana, a 1 more", "12zzRn4Q4YpTpxK99cUDcWP5Y1wNSAWzmkJ5BosK1s3PK", LENGTH, "", "")
ADDRESS("another: Solana, 42 letters", "zRn4Q4YpTpxK99cUDcWP5Y1wNSAWzmkJ5BosK1s3PK", LENGTH, "", "")
ADDRESS("another: 31 bytes", "3nc2hMcda787FetrqVfYWTuWez5gy3Up98SDDK9xiDK", LENGTH, "", "")
ADDRESS("another: 33 bytes", "9pxUMsznfSVQf94y1Z8figT1u8yc51PzW6MUhs4WosXUc", LENGTH, "", "")
ADDRESS("third: Solana", "2KD7Y5MRWZXVUpe1LmNiHaMDq7zy7hRN9A7VuqAto7Y6", VALID, "2KD7Y5MRWZXVUpe1LmNiHaMDq7zy7hRN9A7VuqAto7Y6", "2KD7…o7Y6")
ADDRESS("third: Solana with blanks around", " \x09" "2KD7Y5MRWZXVUpe1LmNiHaMDq7zy7hRN9A7VuqAto7Y6\x0D\n", VALID, "2KD7Y5MRWZXVUpe1LmNiHaMDq7zy7hRN9A7VuqAto7Y6", "2KD7…o7Y6")
ADDRESS("third: Solana, a 1 more", "12KD7Y5MRWZXVUpe1LmNiHaMDq7zy7hRN9A7VuqAto7Y6", LENGTH, "", "")
ADDRESS("third: Solana, 42 letters", "D7Y5MRWZXVUpe1LmNiHaMDq7zy7hRN9A7VuqAto7Y6", LENGTH, "", "")
ADDRESS("third: 31 bytes", "33NFfZpXg7vigMVgBKEGyBsuwGKheV93gFdM8Gz6pyY", LENGTH, "", "")
ADDRESS("third: 33 bytes", "6oNTrAD9BUZahoGLWErqEACFdPtrgZQYK1DgcBcfcXrDE", LENGTH, "", "")
ADDRESS("fourth: Solana", "4JmUgwx8MP2zYMh9RrCaZYyY8rWNk35Dgnwj6VdMytVt", VALID, "4JmUgwx8MP2zYMh9RrCaZYyY8rWNk35Dgnwj6VdMytVt", "4JmU…ytVt")
ADDRESS("fourth: Solana with blanks around", " \x09" "4JmUgwx8MP2zYMh9RrCaZYyY8rWNk35Dgnwj6VdMytVt\x0D\n", VALID, "4JmUgwx8MP2zYMh9RrCaZYyY8rWNk35Dgnwj6VdMytVt", "4JmU…ytVt")
ADDRESS("fourth: Solana, a 1 more", "14JmUgwx8MP2zYMh9RrCaZYyY8rWNk35Dgnwj6VdMytVt", LENGTH, "", "")
ADDRESS("fourth: Solana, 42 letters", "mUgwx8MP2zYMh9RrCaZYyY8rWNk35Dgnwj6VdMytVt", LENGTH, "", "")
ADDRESS("fourth: 31 bytes", "VW1gPzZQn1XToQW89hh9TLTNpc9V5o5HqDRwRbfU6z", LENGTH, "", "")
ADDRESS("fourth: 33 bytes", "FbRKDKYKSxFnyQLCCgA78g8YRfWexx9czdnYoFMVc6JUG", LENGTH, "", "")
ADDRESS("Solana: the smallest", "11111111111111111111111111111112", VALID, "11111111111111111111111111111112", "1111…1112")
ADDRESS("Solana: the largest", "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG", VALID, "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG", "JEKN…WxFG")
#endif
#ifdef HASH
HASH(0, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")
HASH(1, "69c322e3248a5dfc29d73c5b0553b0185a35cd5bb6386747517ef7e53b15e287")
HASH(7, "af2dd82887bb5be2eaa8117023b0b486d9dbd438e9f92e89dc2ada088af681ad")
HASH(8, "ad894215c2106b9dfa2c04022025509974a5eb20b9f4cd27ca716967542ecf6e")
HASH(9, "d411537bb20ffa01d0d9ab8953c812ec964b0ea6011b69e34d0f613d92457cf6")
HASH(31, "8522dc30be01c01348c0591309ac2948c9ae4ce02facbb745f85a5297286d3dd")
HASH(32, "04d1b47ed3b04c5ff6a0280293cb2ab55bd297c9c2e0c3449831b419285d7df2")
HASH(33, "6aa134a68136f6d487895406a25cc734a9b20cb805cd09b7c1dcb29bcd490fe6")
HASH(63, "48d8e506b57c81c8257a8e1da7f04610191ef05bf96fa9dc4fb9bca39bbed2c6")
HASH(64, "0251cf13aa5b18f1cbda7cddbe85f3dc536fc93df590c2d20ca9b28af1ed2c39")
HASH(65, "b3ee368701a0d7056be60b0a489e173d9dc8621640d734693858e846d30c3f65")
HASH(134, "0c00ddc2482876f8fa8cc91ed55deedf61049892967f383560faf8a5787f86c5")
HASH(135, "00ef96af9cf4b24c7f269d922294444a197d0a33638c2e56634c57e892103a8f")
HASH(136, "742061bcad767ed4c4f5883b1dcb1aad11afdcc140dc469d953759b127b9f9ed")
HASH(137, "e3371f61e770abf254c34239c3b0099ad90594507415bc81dd0a10b9692bbf2a")
HASH(138, "27add0bac0d5b2ea84755cca7b588e19c813eceec7f4843111b907ca20b55705")
HASH(270, "5a4aa70d546af33f949a3c5e805ed347a2b702840ebf7b8dfbadb1aa62f76305")
HASH(271, "4401c4afbe16ff911bdbf2d38e556e5b861f3fdf0f9d4306b1c46f6ae4f73584")
HASH(272, "ac141fd7b0a0ffcd2e967254d508da3ec616596493c36fa304425647d90e6de5")
HASH(273, "16192ea86793083e47731cb3c970600f04768414d92bc0540e54ce8607a0fce0")
HASH(274, "3647cc8618822d74c356f227b4d8632c48469bb01ca918ab5e8267a5ce821b45")
HASH(406, "9659e1092c2b8cda982644a6ef2266107a0a33a55c741d5f1ef98c0e1433e666")
HASH(407, "1164f64ea38b522d5e20b774066d1649241b675f5692186bc85d064454318c9f")
HASH(408, "e2e4d43589211efebc5d5470122a6c4089d989bbc8e03bf72217226dc90696cc")
HASH(409, "9ae9ac74fbbcdffdbef67825dfadedfcef4d0b2d3dde7a763d61fb5f96219419")
HASH(543, "ec7a412b37a73618ae00ed48537bf56598069ba19c04982d28f7c974fed37dd6")
HASH(544, "48dcd3f02d97eb8e815292f694f0d45e4472fac16744b288f261c03dbd402cc7")
HASH(545, "6785c93c3e8049f70e20b7f3dce31784fb257dfba0d8f3406502ebd074d8c7d5")
HASH(679, "7ef8b8829617bfb3d3d8837977a56a6935e2f1dc3954cfa5f7e88fe96e31ac23")
HASH(680, "8e7da8e654b00dc41439c6cf33d592d035862397f2ac5edb8571430a952c0f5b")
HASH(681, "4b2347f59be5a32c682bb8938c6826a64f08ae93de1fd010666c404cc4c0f9f0")
HASH(1000, "80cdc8dd52cbb3dbaea8f383209893fa2bb52efbd5aedbb4b26dcfe307fcdc9b")
HASH(4096, "76295a231bfe3ebd9c161d54151579ec47d822a168c11d53ed0471b01ce83520")
#endif
#ifdef BASE58
BASE58(0,
	"")
BASE58(1,
	"4")
BASE58(2,
	"ER")
BASE58(3,
	"22DE")
BASE58(4,
	"5WLxo")
BASE58(5,
	"LtX7Ga")
BASE58(6,
	"2WnPtfjK")
BASE58(7,
	"7gTN33wmE")
BASE58(8,
	"WV9Mr3ziDH")
BASE58(9,
	"3F9Du1WDiuCe")
BASE58(10,
	"AuRHvZDy9wQPT")
BASE58(11,
	"kiNDhPEErT8E72")
BASE58(12,
	"4Kwaf3F7S9GJtqao")
BASE58(13,
	"FgbuYtuHPyUZyoSBY")
BASE58(14,
	"27oo4wn5mNQGgZhx9XT")
BASE58(15,
	"5w3YLQmz2qTiDdMkQdRW")
BASE58(16,
	"NmYDJfwYj6ttvjUabHmAs")
BASE58(17,
	"2f5amJzsm2q24CAUjGLyxZg")
BASE58(18,
	"8K5E2aST3M4wf6GqPYjCQFFF")
BASE58(19,
	"ZGmeVxbKwMaQF8GtaX3FKbsu2")
BASE58(20,
	"3TSc4WpNWaupRbM78ewavD6wedm")
BASE58(21,
	"Bqi1kWc5wag8KYbk4nTvhrRED7Hg")
BASE58(22,
	"pqz2K3froudhJrUM5hfr3K7wJSkdj")
BASE58(23,
	"4eBCgnenWr3JxuoMhdkWTTCycfzfb96")
BASE58(24,
	"H562acVmtjTCHn3cNMD31kfrtT7XKgju")
BASE58(25,
	"2Dw3ByMg19LNcq3pX7EC7tKkXC6FnqUQPU")
BASE58(26,
	"6Q5WfRkF9dnWR95SjtVE5PXm6FxCHJwxEDF")
BASE58(27,
	"QpruvcDsT7MrqYeccJFaiNSmcCzcnzDYmK5z")
BASE58(28,
	"2pAFJbcTogF54yGh2Ao9MobejtPwJyyYPCaq3u")
BASE58(29,
	"919p8fmXK2D6xXNFeAEftpfwaHrEiNUZWz8K5qx")
BASE58(30,
	"cKfu2r7WnYLRJ52od1mLfjQsswNKXbneXM9GpP7K")
BASE58(31,
	"3guQgf9mkU1JiELnxmxNhoxCPZpy6n4YUcwuWp8av8")
BASE58(32,
	"Cs8KY3PiWrCMAytMsBRQo8EdGbticVtdvufLnb2UhXh")
BASE58(33,
	"uNFJp1ZGEk96345h6Uzk2aw95s1GfgWuzwSELDBXFtXU")
BASE58(34,
	"4z8n9cVTQFfQhE4bhyCZruzmxgTiC9jR2vjGMqnmSYiRYD")
BASE58(35,
	"JbBLH1ebXdiXaYetBq443Jv1SmAtpDYD5W9YnzM19kyqJp8")
BASE58(36,
	"2Ldrc5frwQD4Hy4iCvo6URC4xxhxfhQLkJsejKz7Hff7rDd4B")
BASE58(37,
	"6uffwqcXR7SDXtTNseSTA1mrVzsnhoL2A9tZXpo4kZdFEEi95Y")
BASE58(38,
	"T5Tgu3ZoFRQJKL7RYYFLSnQyUzTAj5Ux7QEab3xKZGzyoRWaf1w")
BASE58(39,
	"2z6go6iKm8ehqRuMMLCvGpoSpJYaVvinNFFYwFJ3AuTcuhuBZYo7a")
BASE58(40,
	"9m26eUDPonmREkv4pjmc8qyzwnSNrg7REmuDxS6CaiYVVdXKcfLY11")
BASE58(63,
	"oKA4ynHaCxssXJBwck1D27Xm4P4MbLNVUSAbW61p5aUHdKZjVoRryXtDoNoGtLCGEbTiVEVLXSxjQsFPPnKoS")
BASE58(64,
	"4XR92Zct9ZodXzisJ4kov3upmTvMotYVrg65MHP8aoCjSPJwUa7vjaXK5VhDF7ZiiF16v7cY5BPazCLnVqZ3yzb")
BASE58(65,
	"GZFYRtyNkonpFomnzKaN59r9qFpWqxW2NFXQCXJgUAvnK3UBShBaAvxnnqeV3HyR72oT7SBr9Srh1T4KpHJUAZES")
BASE58(100,
	"7rMnTXgtZAE7pKi5fSCYqnLG62jRD37o4ijaqm9MKwnf2CVmKcrXvUk6YaccydsGtGDgzPftSRSeoLrKvJneoUAb4ACcCRkX"
		"UiwXvJyUFrsbdoRQtyBjXKmmihCyurJGwhbyUVX5")
BASE58(127,
	"563Su4jCqMNjZTtCDmHmsnMhd1kWcFmnDJB2zQGLhM35buKpNK9X9Lfy2882w6AY6zTeUB2nkKXgcmoVLW3avkK2UsMBgLRx"
		"iYHAn1euQs44ZmMGyPFpcDpQ6AiarjHMVgp2AomNrzFcCT7wiNLU9ic5wENJwWa2pz8pGCB2NpaxL")
BASE58(128,
	"K3FoJoTHEQvvrHexXLV359CNHxK3gcCeZGoHnMghw5SBK3x4556c3opzFxS3Xjo6HSccNwGtvCnRrtkC55CQkEAZY1E68cmA"
		"vM4N9ftJLKvWjckVVsER8TaCuotYSVdBTciYAHQsVdhUMYHeVbAvqUdrnN14BbWo4oBVc4KF5K2sF1")
BASE58(129,
	"2NcxKPa2zeCd2gYWY4tzk9HBAyq8eqpNQmSjK5CJFfga8Wg1zYy5jhPgoj1fYAftSKa4B9pZA9q1WjDPdryXMoo7Cbqzmecq"
		"xnTXrMGdRWJXCF6nxnQiDVvHZa5xVmXLhAUeLXySMsNydjf6UVBppcxygjDhF3mLWKkqKFjdX82bEkqG")
BASE58(255,
	"2r4hM9xUWqce8yjQrrfHfzzPZTM5gZW12euSXMPHd2D8DBUsk5EkT9qZhvLX8uwz8VFXQSXBWEjLB5RJdU5CXkJvEb2ZFNGt"
		"vTcbrLzNed6ujjT1C4769nqFsr1k77BJ5a6NA893tMgvpPEbmQTTqnaUnAHGD4mUEEHeDwsitWjZ4gzyKiHv2ehE46Ebua79"
		"3wxKXSW8U7YWKauGBrXf9i6CfpqYZH1C7bLsK9kuvfqcKfoinVyD62fDHCgfusa3C1GU1jmNeiavrHpzCMihXfQQyjqZzmpk"
		"9ZjQu3D4ruwwmSRN5n1mWquhR5mE3WApC3sCru4DPHVmujEVUHuqpvbvt3Ba")
BASE58(256,
	"99ZK5xXrShaJvDQCK4Bzb8xJaFHdfcT18JJTexyNMzLWpmG2y7hgnS1MMcRA1vhhA3h7CTeDN3bqdUWGoxVXtiA5xyBsLQuA"
		"AxU8poEEZ4M5mcMmqnhsjoHzfRLHFxGSPB4gPGWXjgKEY992SzXoULAmcKxn8FdHBPeTJ9CstNEpXHYsbbFf4HNYce735386"
		"Y1ZAmMZZxft4R2dg2ucKPSMxWN9GHTdr46ah57epbtRYuQHDRps6MCKfCWa6kNCpfaBGEFkrZUYkgZGoT8T3tLWLqS5Ndzqj"
		"SoUCUgkG3JhWj9CY45gPUisbPJ2Ca3kKHmebMEmBfMp1DjQYfTeEWXbApGdj1")
BASE58(500,
	"LxQH2xstrSNMiXNPRfUhdDvcfPi7vJjfzQCaMySuQ5gH8JVkE13fV34BdpSUiL7Huz5NxvJEZYjkB8yPzXa3x9eXWk1QK7BS"
		"69DfRSs7v5d9F88sYpNDwswjYUQnHSd8iF4R1kCahJN2ezYQPPq7667AMF2gRxGLDrDcN8CySoFm7EiJwgSoiBtHAFahUP1n"
		"BBbQM9sM7BnpN5EMuhuGu3UoVNiUaTmt4b1zRUdJZh9WMQLvKBKBGKwwmmq3qiWK7VwPUBoovDcTJhV4tw4v4WSqze21CsEA"
		"uvtVotJGFaRVjHGPSEeuKPnvUcb5unogdbL44dFH5VCu4FANLpdiZKfEKVte99SxmaUobokWTkpk3awqRDrTsK46AqiSRMo7"
		"6w8eUVzmdPXSQoLvZ5huqWnKtq3r3osn78ByNb56WuyfN4ceoVBACB3ZvcCuq22XaP6TqV2rZm1hNVTNxPxFDVNUQPqA9rJP"
		"zEJJwUVtoS3kavmxVkjoLoF3kT79SeHJGLmL2fgRTp4qm8hy7ryjJKXpKTZTXgS63Kbpfy8S4U9EHWuTzQy8t3vR1vraQpGr"
		"zXebS7bqHnNmHwSAKdZEkWnSKauPqfuPbnovoW6ng3S67CxS9HCZTo6CQN16gcRvZzjmtb7qUb1BZD1VjBH3hh9ufJRfp744"
		"H5K64VR34K")
BASE58(1000,
	"AyHvaJe18jrjYbqJq53DfRW42WGuBf7PiBbkFATmLKcxTcGxFzJGKzsEvguF6QPMrXoJBShWcYPd39AizqRiK5XEb4C9vrqy"
		"o2syhftxvvN1Twr222ik1kxp1yDmMaB4jz5GTEYNtJeRoUEk9rgqX7ANbxBUygS1MtePQ49zaUrTcKi6MpuqRCHLxPqYK8nD"
		"HXhLYZFVGXHQd5fXY9JivJgceLJoWbWyoPDAuAoCJk67Q98BATH563j8kySGv8Rg6SGmc8mzY9K46WY4pPbHoW8MA77yTUSx"
		"Qq4dh3LBdGLf1BtarfbxzBBx88Pc8HtV5WYbQBydTaGDTHFC1ZUxckkZexfWJ5grT4b2Np2JcLSwBKfTPj3fLt7orcm8Jc7Y"
		"QnHow4RLr2KcjDXsvugYoybzzviU4D5g32DGqsyiYDg559ZkG6kHx45VXCtEthLZs7RdBfkBaLVmVJ4Z4e8kVv5wTsKgEYDu"
		"f7hPCnZXNzBUBSUaY2WZq7rind3gZxGss3Qnm2T5kwaAxWCoG3wP6U5WhRo6rouuJd5iHk3RqAiMMCJuqw5HAUFYmPKhuhMd"
		"iqdVJM1ZSuqT5bCMKQ7B4iRARCTVtGmpoQeZd6HdUTP77bLTHCsM4948g6hRPC8bcFb7R6DTYWjAyUqSP8NU2fN9Jex7qLmZ"
		"Vr3WnrkAMSx8yMCfbhFotoGnx5mN99UsqrunxsM6eWuk7w5z5YzkfKJsFEUsyoX2jU8tHCWgRcTpnN3B9KkG52qD3dgsngBb"
		"eZoPGxVa5tzyMMpx67jCW3aAgRSTMu2w7M1ibxwtGyDRtpafG1Q4uXx8eXtbMuVcGr8MXFogiqNnjPcVxeug5EjfN8Lxr3Am"
		"XyNfRQSWF2YxRwFmxQ2U82iqJfypkAex5EzrCPSBCd4VjJywFf3Wzt7BhDgfmbWkwzVXMoY4Xg3fMcDt33ndeBJxA9qJYpJj"
		"KUPSm4iCzbcTdAvmsFrNewu7c3MZ8kQ5waptbYiu88xPGJ8Upie6nA2ZUGf6ZRDFk1iVLiDo21WVXigLaRAsfipSZTxcRqZz"
		"Dh2NGVcgYCAsk6HcgJ8PUvYKjYHgw9Pg6pXQBSfEZhZMmaHg4vG4VMLh8aMY3b9Chc7NY2qyaXVYENZd8B7BnmyWxBxwCNqe"
		"qYw77HB6vpx7vE1tpVgYovAQRpm1DY66HVjsDvU7TbQCiNZp3wYK1GoJjHs2ssG1i124szjCadnsbdJEGCfey55JwAXP1Brx"
		"w6jP5oNWJ7KuXZtdv6qyj5NUAMBw8ydGfeJQeCU5cNMJ9kKvD8QEQGFLobxPz1JUzGm4KktjKYbtTZBgNTomHWLY2YbN7PcM"
		"TWaMsKpKDWMywhGa26jvs")
BASE58(1297,
	"2yCNjjumHBcfRTtEfSEQ9nYtwZRyAK3Q3sTfdod9WsuvY3PNYBJTRbJaDo4Qj7ErkwKq2frzoy6XNNo5TJQoESoBzJNBn46x"
		"7naxC3y8eZ8aCLfrGvzwr1WNJgugR4P8SVPyTSnUcNTgXMD18ovrLAQAtFHHXV3Djw8tUZ2UHmAcaScjJbVgtw4GZK9K1Skf"
		"JZh6ndn5QtFLGWJcnHRQSc7P5jRNS9FhybcjuDxDVEguJkUnV8CZdy3bcxWWLLsEsim3nTujHicS48cxqQZqwa7Md9Qbaf3K"
		"6fQbxXp2z17xkX5TLcJqjw1ADRfTGa7yLSeyXPL4mYb1BvikB87zwbYUK8RAMNquX89MXLkADYWWuvSUzdT3TN2ZcxddczJD"
		"x4vPYCYzbjQ76HETrUHSNnCfTP2oNqiD1fBYF9FAhYobMYwnTKRFDfBPzoYb8KfJxiDXEVYuAySLizsK82bpt6vacvQqpwnJ"
		"2S6C2AaE7qZKekA16CAbVDNGKp4B1BLnuaDNPbDbh1hqsnQVUCZCjPT988UcT1jyWLukK4H8aTj9JY6weh468mEcYpjHy2p3"
		"a5BtNxj67L3sSHMNCTBHy2L8FkcmnvmcZkrvqqshzTQYoGw6rYGRfzW8FDZcRjvGTGuTTnopayt2L2kPPcKUuRwRpz3aC98A"
		"XRJtpgz9aL7E3jKhJxvA3uw3EqXoLRuqwq6kotzQn1qfaEDUaiXwP8sTjFZZyUpqEBWQSdXMNBhWjUg61FbWMrXnBjBR6ZBj"
		"4DEWxJa8DfR3vMpJfervnoGJ2rkzbEG3ybW6jkSzezTxZBUaUt8Jhqk1TbfpnHU3qWiHxMK3dussEpMSzSsrUMvAeDkVkLQB"
		"RuB6GVNz9rLc6WcacxYV97hRvA4mNpgRXpuKp8hvTfoV9KV4XoLwWS19jXYVvrb6M9MQeVw9QmHGyVVMbjqK7TSwwWGotvAc"
		"BfdEvCa16TSPm8hbvcUybaogpqSQ3GWdYLMtZsX2pyqpHnFCA57c7jEnFSZn3B2MeF3dYqSq8U4kY3Kn8ASE7sJvPL7r1ysf"
		"2nWXrtsSLsg64LYHUDSvBLJeLoZMTSeoDod8qR2XenJU7wNBGPdUDbYqdzX5J2QHuKgqCHL5UUkXLkHia9MKb84gG1D8HhkC"
		"RtCk97WWviRc13E1qwWiVKsXKgbCttJPy5sk3m2cNhj3vwrmhBJFRvWw8w7EvaAHesFbofEmDpcBEJytenC7imotrpVifcAq"
		"rr5jMcZsYkCRGQ9FjHHW5G4Dyt22yumga7bk5Vm1Cb1QaHgREfEZWPfUiw8wVJnn65fXftNkSE7bJ82198wVi3pWkfs2jFUR"
		"EbSCpEu72UBEJbuLoqNcsEQsTU47BmHRxfH9fSYxm9Khi72iz7JxUkBKvZopVwRcvVTf2CXmgAaXD3Zsh2Anyf9a4NnLeqtG"
		"j7bVi6iTdNsjCq4xb9JEDYJQcY6j4Rbq1DUwQq8PCJ46XLiB4HrTQ8YZSueQ1jR61y4LdYXUQSkqrAZuthwKAHHvm9oRvF9g"
		"91KRDo9hxYwReStygXko5tWanJLYycBxTbmjHwFXQzGnKeRuqeAkkbWtWzMVCv6RhqVGU8rHiXCzQyM63xX7Wh8UWH4pMDK8"
		"zvnhLiyYApkRsg5LRT4CSEWR7SL4ze1LjjTrEtNyqYsKxNPVKAzdRehCx7Uvi3mjW1iSdw5Ht5xqiDLgobfz5fDs8WgFEmyq"
		"2KnBiK4m2Dv3gZsX8bqHNTHBiEhEJ6VY6gVsi3ASjog")
BASE58(1535,
	"3CFdGz9mA2kKHWfwPA6q7QzQ8VpEKQCVzd8GurLd9VgQ6NW4Snc2HGE7BRmnHe1RaeSni3c9PLmXKu9MjHX3rpEPFTwpWMyp"
		"KQyLgSXDsBGSBKU79YFypwv6x7To3qD27BEgokJv5FdgNNqf2Vk3aD5xf6nFUMXqohgT6et7QChChzWHyqpzk1bLUFgy6cuW"
		"Qv3RvEZarjdjKfZwHu7xoN2CEMJR5o8DWebiuda1GYpajE86nkRA8h9gYRAfz44TM4hUNZnXLC7rTm9HqQJx3TLe81ujoJYs"
		"CEEA7hy8rJENZyu1qbtZvgnCxdxMteD7PGiT9h2oR1fpAySoHQYNNcGhGtYqEdmZZ9dCRuao5cb5WuJ7GX9phPgGbqD45VF3"
		"rkzDRMtaW44b14ycSPCEiUkKTt5yQtRNYfaSESMV8cVsdjq1w4owE1SGjDpo1BRqSdHGkZNE9QaUzvg5nn2apGgEiHrot9xY"
		"bdB2k1BD1cJ4ZcNiKjj4XtPm1Tzt2vwk6tgLuscC143avhikQjcxZ79hzgsdSEdKGPyMyGAJjeDLiwKNefASufQR3jouzuag"
		"LGZ53d4gcnJ2eG9ttSCytTgPV7V7EyREwcYtVSbeshfDbLvZETmcB18yKZe5ew12P86MTHAKUEMvojcaJh6xeLcKdgnRGwsk"
		"7opWXYQnMFMJEfJKPTtK2Rm8eb8wy2RY3ThpwQ2fr6HeUaTkNJ1Ex8K1KDUZU3zDYdDQf9byvwGCq7SjZMpUDzSkiwD5aqfR"
		"iaFriip4jKUJ8hcBpYnJb3muymoFw9xdZqox4XyLtoG9r12vPvxG4zu5e7knQnKYsCtxwt3X6UJKafRMSxgTc6C2DdfYszsM"
		"iZzkNkXjP8kweXS2ZJGkxaptwme2nxENeKi6mw2iMtqqMkz35uhuS6AC4WbPyzxsmWwgR35Fsz49M3fJEn3qdLonbNUUxDUK"
		"N4QWspQ33CdWcyqyxwFCWJwzB2sdeFc2LtCsvyLWCg78BZ3xgm17mBeTzS3hvypXe7v3ZvZjWB4aPquGHmPBCNXrri1r1VUZ"
		"WFyLomUnc5pSeXipBa1ohbckWLnFdaz5bd8rMLpEowX14YkASgKg8qiEHVFFrk7KfYA4kyM7JNRviqDR8faVe9hrRisd2REX"
		"2E12vmWRLgGcjeRWERSpLwfBtczvpaU85FiXfsFmsbPcEX6mAweTAKxt1qu7Vq5g2MttUqPwtvxqeWQvJo6rbz4rdXukiyUp"
		"B1P573gTmSq8eXyMDKBjRYZ4w1qCQmuufEe78sZoxKqcsDs7uU6ajUtTV3AJLWiFkWKmKeJmKAyBrnvwVJA2buv5AEV3za9Y"
		"UyWqijpE7kTNp1xKYXm6o14XSQMxUn67dJN9p8wxAkYXsHHG7wBTaLoK1Li8RUhcwwhpQxjmfxYdNyFrUbHMjazCWnCqrebk"
		"JsvTEAndUbna77snH8qDyZroa7wo9bkFV51wQiLit6LDMdd7szjEKPv5J9vJZC1wu3tfce7rQK6yGtJBEXnG1vRmRHBKxBwx"
		"7k525GQhpEzYWDGBsTqmrMRpcc3UZo7zpzpxZ1fy5ysNPgFikNVLBuEaeNhCgwvaeeyoKGFT7wE3N5BVkDW1xVVD6FH5qZeT"
		"iDZWD96nnwuDsW4GRp3cPjgjsPoePVriMw9M9SkjuPBmgZyEzuCC67bt38SmjQTn7PWJyndieL7zVn5KSpJgu9mPZdAsjH3v"
		"KX2NKKubKwyBWuJDyiFoHq9BPNQpuW3nzLSP5sMmrCrpCS2cDt97qNoMLJyuCQ1HYBKgwxvpgSSn9GPrqhGJnbPciv66mVGJ"
		"4TP8Q1D8yEDDiq92zypZy47gqLaPumVCyitS5DcSbMETpMZoNu3i4KidPhjh5z5EMB4sBTVxgBNTprJHCzzsSjh5N6LhN18x"
		"45FHtToGtFvukbXYWWKk4AWwmfobBSN1roPDGwPhxjxg1c7jpDnhvimA6EpPXurUi6Cp6vAs7hXdgh72osexGNnBLjqWvrEQ"
		"EdJvQTwNBpBw92wApboNFKuJFK99Tjux2E5jFrms1ZHMuCzoUFZLFcRt1Y3erPktUShzFY8KtYxH52Ra")
BASE58(1536,
	"AgfZ7ZFftriBhsxs2oAjMJtM66BTnDPkyLT7EGmcYVatvhuGCpHaenCrH2LetSLsVWGpkAW81cFWrR9tVdudcsU5Cqvxgbbm"
		"rGofs5ePnUK88YWe8gy7pdPPGFXGFVn3tGBQhLA5FmatmMPkqbrzMaLtfAWisjd8R8Z8BxCbFQcSfvpHwtWqrqcYwHqQboUk"
		"pZ7iyxrpSXB7oPENdb3jHdnGZvbsJAarDrxFyJQgBdT1sNvLYvddJxDKXffh4pWFHZKdpBhvsi5FK7qbJdtDwqFgqy1muNTe"
		"YZP5Ebpmeb42Ca8ahWzcKxaXna7MCwETBJMxRMgwryxKD28sHQuTLNgGm8XVuBHggu4mSw6APN5QvypWfW5wXH6KrjnCaof1"
		"cd9XpXCesEWq5JYsR2xbY5UCVeUwzRxa6mGaNJuRAbgSVA2w7dpALQvYRMbx3o2cp78pXFrh274nafuW93jzFeCBXFQqvnYA"
		"TpfGgon41gnJiw8qPhaebKqTF4AUFX6dF16etNNKZESQk2jGbm7iCi9RwczTpP9HcxPmZKv5HDFU46k6ZDShMSWM95x4vb5e"
		"c3eYraBFrvvAFTtG22Ft68krF5d4Yg1zY3ukGXyxAnTgaawPGR9tF9cBaw4fYRM76eJdGzL8XByNVH62161JboYuEvbU9PCy"
		"K3ehKodyANLb5J3SA9fUZJHnkug5cHHJ1rsCb6eNTgLUQih4Qz44aKGUPQ4eJQBYNaqmRNyQH4W7DMSaqptXALYfz6GKEMnc"
		"6VnaT9YjTnXUczEJksGxdHFEqajAv2YYPxSE2bhgodBt3H9UgD8uWeYsUppFRy2sebWMwEJ7q9VT1aaVFamARsueNkq9i6RG"
		"SUdtT18e4hExCdKTsZEZ2LJQGk2Supn2XjaQVKUZZDpYSd8kCfdYRjmZpVcpSaqd5VALy69ng2psqUk35oqXdQRWEhnJNi3a"
		"3x2nsJCfziL9jouCRtRfnNDhMHGUjRTavm1RoDf5tXc2haU4nVDWr1zN8VYwfFnnEqX8LKRUbmQnPpqgUztt1C3D4Q2jKAge"
		"U95gRRKeHrGQCebZFeiZ8Bno2WJjaUzwHpVepnTVxBdRGf7WgLZRjbzydmfvaZGuP6X1b5hkofb27dooWqGqQyRKA7pS1Fxf"
		"WQP9WKSrRrKvjEBA2Etwy2FZ4qtgYziiDmxJNYpD4JnnWfrRxtCJUAheAiq1gFDdF1E2DrcHJDBTiYpaHYUqwQt24FRqzGHm"
		"DAgR7gqB9B1SkfhiDMGNFLGYMQfjMwEXRmCn5kBpFC9bJfnDUabdtW67tkY3X89672RpdHfQbCzzvmj5Vtir56ZFMkWpD7Jh"
		"xUSi3DyStnoRGXDArAmea3GZM87Vsc1aFDeMu45YW3CBEvrmjc9AJAPQUVzXm3GHfWTAGm1nAxAbZyJZNnKCWy1TpSXGe8xN"
		"9ukvm8CPzpY981M8rDZrGg2pZBergxMtvtj99fU3rWXoY4eRN5oPnC9FxiNGV5dBJjm3SJqF3tuMP7QpAirmH4pK4AQaebKY"
		"Gm6jjq1d9Wkz3w82yjUGxqAZA9fvfkZtErEgCHxzYz1KR6FyGRr3h7YwVxkSbKRVXCdhRcJnHcLZS1TKskB5DvjWNA1zMM6L"
		"tvSTvakZ7oKVouFR6WeXDMQQDRet2JNRZPyqvGg4NCvYDeXEnZNPwa8xGPrkSAZC7CLNMeR4omPrn1x4Qwo57Bgvazeaubqt"
		"LjX35tT8WdcyQyq2HK6KKHV6qjWASjDKz4o2UVGgxBLsKTU6TriqAXDakEN9PJYFzcZVKbrZT5JnFUwtyviZWEnpg1KWTMkW"
		"JFSfeXvaBBJw9dUTpunxWQkWpMQQ7uMVsMt1fcfRxcJRN1mmheixDfcjdCoRvzufv3S4V9xpjvmjQCbGXxzRebRtG6Zw9hc5"
		"zZk5Y9HF7EtwqRPp5ERj2y1AkAGds4wknoj3BM5Do2cjBfzjyRSje7Ku87zATSHPJMy8u7gYCZtCvC1cytaWvs8Qe8596gJ9"
		"Z9G6iZtxWjHFxTY6M6benERq8B4xM2QhrQjsWah1jTVDFRx87HFhyVNp9N2i51SiC8TuhAPLNY2yvmHX1")
#endif
/* clang-format on */
